"""A POST that cannot be led astray or held: no redirects, no private hosts, one total deadline.

What stands outside the deadline is the look-up of a name, which the system's resolver bounds.
"""

import ipaddress
import logging
import os
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from tracker.notifications.addresses import is_allowed, origin_of
from tracker.notifications.channels.deadlines import Deadlines

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 25.0
MAX_REPLY_BYTES = 64 * 1024
CHUNK = 4096
KEEP_SECONDS = 4.0
DEADLINES = Deadlines()
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
class Watch:
    """Sees the connection of one exchange, and cuts it when the total deadline has passed."""

    guards_peer: bool
    is_open: bool = False
    is_over: bool = False
    socks: list[socket.socket] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def meet(self, sock: socket.socket) -> socket.socket:
        """Take a socket that has connected and not yet spoken."""
        if self.guards_peer and _is_private(sock.getpeername()[0]):
            sock.close()
            raise AddressRefusedError
        self.take(sock)
        return sock

    def take(self, sock: socket.socket) -> None:
        """Watch over a socket, a new one or one kept from an earlier exchange.

        A second descriptor is kept, for TLS takes the first one away from the socket it was given.
        """
        with self.lock:
            self.socks.append(socket.socket(fileno=os.dup(sock.fileno())))
            is_over = self.is_over
        if is_over:
            sock.close()
            raise TimeoutError

    def cut(self) -> None:
        """End every read and write at once."""
        with self.lock:
            self.is_over = True
            for sock in self.socks:
                _shut(sock)

    def close(self) -> None:
        """Let the sockets go: from now on they are nobody's to cut."""
        with self.lock:
            while self.socks:
                self.socks.pop().close()


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
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
    """Send one POST over a connection of its own. Answers and raises as `Line.post_json`."""
    line = Line(way)
    try:
        return line.post_json(url, payload)
    finally:
        line.close()


class Line:
    """The way out of one worker: connections are kept between its messages, one at a time.

    A connection that has not been used for some seconds is given up: the far end may be about to
    close it, and a message caught by that would be uncertain without need.
    """

    def __init__(self, way: Way, *, keep_seconds: float = KEEP_SECONDS) -> None:
        """Prepare; nothing is connected until there is something to send."""
        self._way = way
        self._keep_seconds = keep_seconds
        self._pools = _pool_classes(self)
        self._session: requests.Session | None = None
        self._used_at = 0.0
        self.watch = Watch(guards_peer=True)

    def post_json(self, url: str, payload: dict[str, Any]) -> Reply:
        """Send one POST and return the answer, whatever its status.

        Raises AddressRefusedError, NotSentError, or LostError; none of them names the address, and
        none carries the library's exception, whose text holds the key.
        """
        return self.ask("POST", url, payload, within=self._way.total_seconds)

    def ask(self, method: str, url: str, payload: dict[str, Any] | None, *, within: float) -> Reply:
        """Send one request that has so many seconds; answers and raises as `post_json`."""
        origin = _origin(url)
        way = self._way
        self.watch = watch = Watch(guards_peer=_guards_peer(origin, way))
        if monotonic() - self._used_at > self._keep_seconds:
            self.close()
        call_off = DEADLINES.add(within, watch.cut)
        try:
            outcome = self._exchange(method, url, payload, watch)
        finally:
            call_off()
            watch.close()
            self._used_at = monotonic()
        if isinstance(outcome, Exception):
            self.close()
            raise outcome
        return outcome

    def close(self) -> None:
        """Close every kept connection."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _exchange(
        self, method: str, url: str, payload: dict[str, Any] | None, watch: Watch
    ) -> Reply | Exception:
        """Return the reply, or the error to be raised: outside of any `except`, so without
        context."""
        self._session = self._session or _session(self._way, self._pools)
        try:
            response = self._session.request(
                method,
                url,
                json=payload,
                timeout=(self._way.connect_seconds, self._way.read_seconds),
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


def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        raise AddressRefusedError from None


def _read(response: requests.Response) -> Reply:
    body = bytearray()
    while len(body) <= MAX_REPLY_BYTES:
        chunk = response.raw.read(CHUNK, decode_content=False)
        if not chunk:
            return Reply(response.status_code, bytes(body))
        body += chunk
    return Reply(response.status_code, b"", is_cut=True)


def _session(way: Way, pools: dict[str, Any]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # only the configured way out counts
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # robots share nothing
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "rectification-tracker"})
    session.verify = way.ca_file or True
    if way.proxy:
        session.proxies = {"http": way.proxy, "https": way.proxy}
    adapter = _WatchedAdapter(pools)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _WatchedAdapter(HTTPAdapter):
    """Makes connections that report to the watch of the exchange they serve."""

    def __init__(self, pools: dict[str, Any]) -> None:
        self._pools = pools
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pool_classes(line: Line) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return line.watch.meet(super()._new_conn())

        def connect(self) -> None:
            super().connect()
            line.watch.is_open = True

        def request(self, *args: Any, **kwargs: Any) -> None:
            _reuse(line, self.sock)
            super().request(*args, **kwargs)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return line.watch.meet(super()._new_conn())

        def connect(self) -> None:
            super().connect()
            line.watch.is_open = True

        def request(self, *args: Any, **kwargs: Any) -> None:
            _reuse(line, self.sock)
            super().request(*args, **kwargs)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _reuse(line: Line, sock: socket.socket | None) -> None:
    """Watch over a connection kept from an earlier message; what it loses may have arrived."""
    if sock is not None and not line.watch.socks:
        line.watch.is_open = True
        line.watch.take(sock)


def listed(url: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the list still names the host of an address."""
    try:
        return is_allowed(origin_of(url), allowed_hosts)
    except ValueError:
        return False
