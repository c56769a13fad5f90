"""A POST that cannot be led astray or held: no redirects, no private hosts, one total deadline.

What stands outside the deadline is the look-up of a name, which the system's resolver bounds.
"""

import ipaddress
import logging
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from tracker.notifications.addresses import is_allowed, origin_of

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 25.0
MAX_REPLY_BYTES = 64 * 1024
CHUNK = 4096
PUBLIC_HOSTS = frozenset({"https://qyapi.weixin.qq.com"})  # listed by default, and never private


def _tells_no_address(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO


# Whole addresses, keys included, stand in what urllib3 says below WARNING. A filter holds whatever
# level somebody sets who looks for a fault.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_tells_no_address)


class AddressRefusedError(Exception):
    """The address may not be reached: not listed, or private without being listed."""


class NotSentError(Exception):
    """Nothing can have arrived: no connection came about. The text names the kind of failure."""


class LostError(Exception):
    """Something was sent and no whole answer came: it may have arrived."""


@dataclass(frozen=True)
class Reply:
    """Status and body of an answer; `is_cut` when it was longer than 64 KB."""

    status: int
    body: bytes
    is_cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """How out: who may be reached, through what, trusting whom. Times in seconds."""

    allowed_hosts: tuple[str, ...]
    proxy: str | None = None
    ca_file: str | None = None
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    total_seconds: float = TOTAL_SECONDS


@dataclass
class _Watch:
    """Sees one connection come about, and cuts it when the total deadline has passed."""

    guards_peer: bool
    is_open: bool = False
    is_over: bool = False
    socks: list[socket.socket] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def meet(self, sock: socket.socket) -> socket.socket:
        """Take a socket that has connected and not yet spoken.

        A twin is kept: TLS takes the socket itself away, and a cut has to reach that one too.
        """
        with self.lock:
            self.socks.append(sock.dup())
            is_over = self.is_over
        if self.guards_peer and _is_private(sock.getpeername()[0]):
            sock.close()
            raise AddressRefusedError
        if is_over:
            sock.close()
            raise TimeoutError
        return sock

    def cut(self) -> None:
        """End every read and write at once."""
        with self.lock:
            self.is_over = True
            for sock in self.socks:
                _shut(sock)

    def forget(self) -> None:
        """Let go of the connections; nothing is cut any more."""
        with self.lock:
            for sock in self.socks:
                sock.close()
            self.socks.clear()


def _shut(sock: socket.socket) -> None:
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _guards_peer(origin: str, way: Way) -> bool:
    """Return whether a private address is refused: unless the host was listed as one of one's own.

    Behind a proxy it is the proxy that connects.
    """
    is_own = is_allowed(origin, way.allowed_hosts) and origin not in PUBLIC_HOSTS
    return way.proxy is None and not is_own


def _is_private(host: str) -> bool:
    address = ipaddress.ip_address(host.split("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def post_json(url: str, payload: dict[str, Any], way: Way) -> Reply:
    """Send one POST and return the answer, whatever its status.

    Raises AddressRefusedError, NotSentError, or LostError; none of them names the address, and
    none carries the library's exception, whose text holds the key.
    """
    watch = _Watch(guards_peer=_guards_peer(_origin(url), way))
    timer = threading.Timer(way.total_seconds, watch.cut)
    timer.daemon = True
    timer.start()
    try:
        outcome = _exchange(url, payload, way, watch)
    finally:
        timer.cancel()
        watch.forget()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        raise AddressRefusedError from None


def _exchange(url: str, payload: dict[str, Any], way: Way, watch: _Watch) -> Reply | Exception:
    """Return the reply, or the error to be raised: outside of any `except`, so without context."""
    try:
        with _session(way, watch) as session:
            response = session.post(
                url,
                json=payload,
                timeout=(way.connect_seconds, way.read_seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                reply = _read(response)
    except AddressRefusedError:
        return AddressRefusedError()
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        kind = type(error).__name__
        return LostError(kind) if watch.is_open else NotSentError(kind)
    return LostError("TotalDeadline") if watch.is_over else reply


def _read(response: requests.Response) -> Reply:
    body = bytearray()
    while len(body) <= MAX_REPLY_BYTES:
        chunk = response.raw.read(CHUNK, decode_content=False)
        if not chunk:
            return Reply(response.status_code, bytes(body))
        body += chunk
    return Reply(response.status_code, b"", is_cut=True)


def _session(way: Way, watch: _Watch) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # only the configured way out counts
    session.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
    session.headers["User-Agent"] = "rectification-tracker"
    session.verify = way.ca_file or True
    if way.proxy:
        session.proxies = {"http": way.proxy, "https": way.proxy}
    adapter = _WatchedAdapter(watch)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _WatchedAdapter(HTTPAdapter):
    """Makes connections that report to the watch of this one exchange."""

    def __init__(self, watch: _Watch) -> None:
        self._pools = _pool_classes(watch)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pool_classes(watch: _Watch) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return watch.meet(super()._new_conn())

        def connect(self) -> None:
            super().connect()
            watch.is_open = True

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return watch.meet(super()._new_conn())

        def connect(self) -> None:
            super().connect()
            watch.is_open = True

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def listed(url: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the list still names the host of an address."""
    try:
        return is_allowed(origin_of(url), allowed_hosts)
    except ValueError:
        return False
