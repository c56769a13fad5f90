"""Far ends that misbehave on real sockets, plain and over TLS."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trustme

Talk = Callable[[socket.socket], None]


@contextmanager
def raw_host(talk: Talk) -> Iterator[str]:
    """A host that says what a function writes, and nothing else."""
    with _listening(lambda peer: _converse(peer, talk)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def tls_host(talk: Talk, authority: trustme.CA) -> Iterator[str]:
    """The same over TLS, with a certificate of an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def speak(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as peer:
            _converse(peer, talk)

    with _listening(speak) as port:
        yield f"https://127.0.0.1:{port}"


def _converse(peer: socket.socket, talk: Talk) -> None:
    whole_request(peer)
    talk(peer)


def whole_request(peer: socket.socket) -> bytes:
    """Read one request to its end: what is left unread would tear the answer."""
    asked = b""
    while not _is_whole(asked):
        if not (more := peer.recv(65536)):
            break
        asked += more
    return asked


def _is_whole(asked: bytes) -> bool:
    if asked and not asked.startswith(b"POST"):
        return True  # a greeting of TLS
    head, blank, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(blank) and len(body) >= int(length[1] if length else 0)


@contextmanager
def _listening(speak: Callable[[socket.socket], object]) -> Iterator[int]:
    """Take one connection and let a function speak."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            peer, _address = listener.accept()
        except OSError:
            return
        with peer:
            try:
                speak(peer)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(timeout=10)


def drip(head: bytes, hung_up: threading.Event | None = None) -> Talk:
    """Say the head, then a byte now and then until the caller hangs up, or 20 s are over."""

    def talk(peer: socket.socket) -> None:
        peer.sendall(head)
        peer.settimeout(0.05)
        for _ in range(400):  # 20 s, far past any deadline of the tests
            if not _still_there(peer):
                if hung_up is not None:
                    hung_up.set()
                return

    return talk


def _still_there(peer: socket.socket) -> bool:
    try:
        peer.sendall(b"a")
        return peer.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
