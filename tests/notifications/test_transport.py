"""The way out over TLS, and to whom it never leads: real sockets, a private authority."""

import socket
import threading
from pathlib import Path

import pytest
import trustme

from tests.notifications.far_ends import drip, http, raw_host, tls_host
from tracker.notifications.channels.transport import (
    PUBLIC_HOSTS,
    AddressRefusedError,
    LostError,
    NotSentError,
    Way,
    post_json,
)
from tracker.wecom_sandbox.server import start_sandbox

OK = b'{"errcode":0,"errmsg":"ok"}'
PATH = "/cgi-bin/webhook/send?key=k"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(authority.cert_pem.bytes())
    return str(path)


def test_a_host_whose_authority_is_configured_is_believed(
    authority: trustme.CA, ca_file: str
) -> None:
    with tls_host(lambda peer: peer.sendall(http(OK)), authority) as url:
        reply = post_json(url + PATH, {}, Way(allowed_hosts=(url,), ca_file=ca_file))
    assert (reply.status, reply.body) == (200, OK)


def test_a_host_of_an_unknown_authority_is_told_nothing(authority: trustme.CA) -> None:
    heard: list[bytes] = []
    with (
        tls_host(lambda peer: heard.append(peer.recv(1)), authority) as url,
        pytest.raises(NotSentError),
    ):
        post_json(url + PATH, {}, Way(allowed_hosts=(url,)))
    assert heard == []


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "]
)
def test_a_slow_drip_over_tls_ends_at_the_total_deadline(
    authority: trustme.CA, ca_file: str, head: bytes
) -> None:
    hung_up = threading.Event()
    with tls_host(drip(head, hung_up), authority) as url, pytest.raises(LostError):
        post_json(url + PATH, {}, hurried(url, ca_file))
    assert hung_up.is_set()


def test_a_slow_drip_within_the_handshake_ends_at_the_total_deadline(ca_file: str) -> None:
    """The caller has spoken first; the answer announces a record of 16 KB and never fills it."""
    hung_up = threading.Event()
    with raw_host(drip(b"\x16\x03\x03\x40\x00", hung_up)) as plain:
        url = plain.replace("http:", "https:")
        with pytest.raises(NotSentError):
            post_json(url + PATH, {}, hurried(url, ca_file))
    assert hung_up.is_set()


def hurried(url: str, ca_file: str) -> Way:
    """A deadline for the whole long before one for a single read."""
    return Way(allowed_hosts=(url,), ca_file=ca_file, read_seconds=15.0, total_seconds=0.5)


def test_the_public_host_is_not_called_where_its_name_leads_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (public,) = PUBLIC_HOSTS
    with start_sandbox() as sandbox:
        there = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", sandbox.port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: [there])
        with pytest.raises(AddressRefusedError):
            post_json(public + PATH, {}, Way(allowed_hosts=(public,)))
        own = "http://wecom.office.example"
        assert post_json(own + PATH, {}, Way(allowed_hosts=(own,))).status == 200
