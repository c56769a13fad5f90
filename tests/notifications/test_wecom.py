"""The robot channel against real sockets: what it believes, what cannot hold or mislead it."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import MONDAY
from tests.databases import free_port
from tests.fakes.clock import ManualClock
from tests.notifications.far_ends import drip, http, raw_host, whole_request
from tracker.kernel.clock import at_local
from tracker.notifications.channels import ChannelError
from tracker.notifications.channels.transport import AddressRefusedError, Way, post_json
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.rules import Failure
from tracker.notifications.voices import Mention
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

KEY = "secret-key-0123456789"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start_sandbox(now=ManualClock(at_local(MONDAY, 9)).now) as running:
        yield running


def robot(url: str, **changes: float) -> WecomRobot:
    return WecomRobot(Way(allowed_hosts=(url,), **changes))  # type: ignore[arg-type]


def failure(sandbox: RunningSandbox, **changes: float) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        robot(sandbox.url, **changes).send(sandbox.webhook_url(KEY), "文本", ())
    return caught.value


def answer_of(talk: Callable[[socket.socket], None], **changes: float) -> ChannelError:
    with raw_host(talk) as url, pytest.raises(ChannelError) as caught:
        robot(url, **changes).send(f"{url}/cgi-bin/webhook/send?key={KEY}", "文本", ())
    return caught.value


def test_a_text_with_its_mentions_arrives(sandbox: RunningSandbox) -> None:
    people = (Mention(userid="a.b"), Mention(mobile="13800001111"), Mention(userid="a.b"))
    receipt = robot(sandbox.url).send(sandbox.webhook_url(KEY), "文本😀", people)
    assert receipt.errcode == 0
    (seen,) = sandbox.seen(KEY)
    assert seen["content"] == "文本😀"
    assert seen["mentioned_list"] == ["a.b"]
    assert seen["mentioned_mobile_list"] == ["13800001111"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("45009", Failure.PAUSED),
        ("-1", Failure.BUSY),
        ("45033", Failure.BUSY),
        ("93000", Failure.BROKEN),
        ("40058", Failure.REFUSED),
        ("44004", Failure.REFUSED),
        ("http500", Failure.UNAVAILABLE),
        ("http502", Failure.UNAVAILABLE),
        ("html", Failure.UNAVAILABLE),
        ("redirect", Failure.UNAVAILABLE),
        ("accept_then_drop", Failure.UNCERTAIN),
    ],
)
def test_each_fault_has_its_class(sandbox: RunningSandbox, fault: str, kind: Failure) -> None:
    sandbox.script_fault(fault)
    error = failure(sandbox)
    assert error.kind is kind
    assert KEY not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"[]",
        b"null",
        b"{}",
        b'{"errcode": "0"}',
        b'{"errcode": false}',
        b'{"errcode": 0.0}',
        b'{"errcode": null}',
        b'{"errcode": 99999999999999999999}',
        b"\xff\xfe",
        b"[" * 30000,
    ],
)
def test_only_a_json_object_with_the_integer_0_is_believed(body: bytes) -> None:
    assert answer_of(lambda peer: peer.sendall(http(body))).kind is Failure.UNAVAILABLE


@pytest.mark.parametrize("status", ["201 Created", "204 No Content", "302 Found", "429 Too Many"])
def test_only_status_200_is_believed(status: str) -> None:
    body = b'{"errcode":0,"errmsg":"ok"}'
    error = answer_of(
        lambda peer: peer.sendall(http(body, status, "Location: http://127.0.0.1:1/"))
    )
    assert error.kind is Failure.UNAVAILABLE


def test_a_redirect_is_not_followed(sandbox: RunningSandbox) -> None:
    with start_sandbox() as other:
        sandbox.script_fault("redirect", location=other.webhook_url(KEY))
        assert failure(sandbox).kind is Failure.UNAVAILABLE
        assert other.attempts() == []


def test_an_answer_over_64_kb_is_not_read_to_its_end() -> None:
    body = b'{"errcode":0,"errmsg":"' + b"x" * 200_000 + b'"}'
    assert answer_of(lambda peer: peer.sendall(http(body))).kind is Failure.UNAVAILABLE


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"",
    ],
)
def test_a_slow_drip_ends_at_the_total_deadline(head: bytes) -> None:
    hung_up = threading.Event()
    error = answer_of(drip(head, hung_up), read_seconds=5.0, total_seconds=0.4)
    assert error.kind is Failure.UNCERTAIN
    assert hung_up.is_set()


def test_a_silent_host_is_given_up_and_the_message_uncertain() -> None:
    hold = threading.Event()

    def stay_silent(_peer: socket.socket) -> None:
        hold.wait(5)

    with raw_host(stay_silent) as url:
        with pytest.raises(ChannelError) as caught:
            robot(url, read_seconds=0.2).send(f"{url}/cgi-bin/webhook/send?key={KEY}", "文本", ())
        hold.set()
    error = caught.value
    assert error.kind is Failure.UNCERTAIN


def test_nobody_listening_means_nothing_was_sent() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ChannelError) as caught:
        robot(url).send(f"{url}/cgi-bin/webhook/send?key={KEY}", "文本", ())
    assert caught.value.kind is Failure.UNAVAILABLE


def test_a_host_that_speaks_no_tls_was_sent_nothing(sandbox: RunningSandbox) -> None:
    url = sandbox.url.replace("http:", "https:")
    with pytest.raises(ChannelError) as caught:
        robot(url).send(f"{url}/cgi-bin/webhook/send?key={KEY}", "文本", ())
    assert caught.value.kind is Failure.UNAVAILABLE
    assert sandbox.attempts() == []


def test_a_host_that_is_no_longer_listed_is_not_called(sandbox: RunningSandbox) -> None:
    with pytest.raises(ChannelError) as caught:
        robot("https://qyapi.weixin.qq.com").send(sandbox.webhook_url(KEY), "文本", ())
    assert caught.value.kind is Failure.BROKEN
    assert "允许名单" in caught.value.answer
    assert sandbox.attempts() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_address_that_is_not_listed_is_refused_at_connect(
    sandbox: RunningSandbox, host: str
) -> None:
    url = f"http://{host}:{sandbox.port}/cgi-bin/webhook/send?key={KEY}"
    with pytest.raises(AddressRefusedError):
        post_json(url, {}, Way(allowed_hosts=()))
    assert sandbox.attempts() == []


def test_the_way_out_leads_through_the_configured_proxy_and_no_other(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    assert robot(sandbox.url).send(sandbox.webhook_url(KEY), "直连", ()).errcode == 0
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _address = listener.accept()
        with peer:
            asked.append(peer.recv(65536))
            peer.sendall(http(json.dumps({"errcode": 0, "errmsg": "ok"}).encode()))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    way = Way(allowed_hosts=("http://wecom.intranet.example",), proxy=proxy)
    url = f"http://wecom.intranet.example/cgi-bin/webhook/send?key={KEY}"
    assert WecomRobot(way).send(url, "经代理", ()).errcode == 0
    thread.join(timeout=10)
    listener.close()
    assert asked[0].startswith(b"POST http://wecom.intranet.example/")


def test_the_key_is_in_no_exception_and_no_log(
    sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    sandbox.script_fault("accept_then_drop")
    errors = [failure(sandbox)]
    sandbox.script_fault("http500")
    errors.append(failure(sandbox))
    sandbox.stop()
    errors.append(failure(sandbox))
    for error in errors:
        chain: BaseException | None = error
        while chain is not None:
            told = "".join(traceback.format_exception(chain, chain=False)) + repr(chain)
            assert KEY not in told
            chain = chain.__context__ or chain.__cause__
    assert KEY not in caplog.text


def test_a_key_echoed_by_the_host_is_not_kept() -> None:
    body = json.dumps({"errcode": 40058, "errmsg": f"bad {KEY}"}).encode()
    assert KEY not in answer_of(lambda peer: peer.sendall(http(body))).answer


def test_one_connection_carries_many_messages_and_no_cookie_of_the_host() -> None:
    ok = http(b'{"errcode":0,"errmsg":"ok"}', "200 OK", "Set-Cookie: robot=one; Path=/")
    asked: list[bytes] = []

    def talk(peer: socket.socket) -> None:
        for _ in range(3):
            peer.sendall(ok)
            asked.append(whole_request(peer))

    with raw_host(talk) as url:  # takes one connection and no other
        one = robot(url)
        for no in range(3):
            assert one.send(f"{url}/cgi-bin/webhook/send?key={KEY}", f"文本{no}", ()).errcode == 0
    assert len(asked) == 2  # besides the first, which the host has read already
    assert not any(b"cookie" in text.lower() for text in asked)


def test_what_a_kept_connection_loses_is_uncertain() -> None:
    ok = http(b'{"errcode":0,"errmsg":"ok"}')

    def talk(peer: socket.socket) -> None:
        peer.sendall(ok)
        whole_request(peer)

    with raw_host(talk) as url:
        one = robot(url)
        address = f"{url}/cgi-bin/webhook/send?key={KEY}"
        assert one.send(address, "文本", ()).errcode == 0
        with pytest.raises(ChannelError) as caught:
            one.send(address, "文本", ())
    assert caught.value.kind is Failure.UNCERTAIN


def test_a_slow_drip_on_a_kept_connection_ends_at_the_total_deadline() -> None:
    ok = http(b'{"errcode":0,"errmsg":"ok"}')
    hung_up = threading.Event()

    def talk(peer: socket.socket) -> None:
        peer.sendall(ok)
        whole_request(peer)
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", hung_up)(peer)

    with raw_host(talk) as url:
        one = robot(url, read_seconds=5.0, total_seconds=0.4)
        address = f"{url}/cgi-bin/webhook/send?key={KEY}"
        assert one.send(address, "文本", ()).errcode == 0
        with pytest.raises(ChannelError) as caught:
            one.send(address, "文本", ())
    assert caught.value.kind is Failure.UNCERTAIN
    assert hung_up.is_set()
