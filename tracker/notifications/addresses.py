"""Addresses of robots: what is accepted, and what may be reached. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tracker.kernel.errors import DomainError

SEND_PATH = "/cgi-bin/webhook/send"
MAX_KEY = 128
KEY_SIGNS = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class RobotAddress:
    """Where a robot listens. The key is a secret: it is in no repr, log or page."""

    origin: str
    key: str = field(repr=False)

    @property
    def url(self) -> str:
        """Return the whole address; secret."""
        return f"{self.origin}{SEND_PATH}?key={self.key}"

    @property
    def tail(self) -> str:
        """Return the last four characters, the only ones a page shows."""
        return self.key[-4:]


def parse_address(
    text: str, *, base_url: str, allowed_hosts: Collection[str], what: str = "机器人地址"
) -> RobotAddress:
    """Read a full webhook address or a bare key. Raises DomainError saying what is wrong."""
    given = text.strip()
    if "/" not in given:
        given = f"{base_url.rstrip('/')}{SEND_PATH}?key={given}"
    try:
        parts = urlsplit(given)
        origin = origin_of(given)
    except ValueError:
        raise DomainError(f"{what}不是网址，请从群里“消息推送”处重新复制。") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise DomainError(f"{what}里不能带用户名、密码或“#”，请从群里重新复制。")
    if parts.path != SEND_PATH:
        raise DomainError(f"{what}应以 {SEND_PATH}?key=… 结尾，请从群里重新复制。")
    if not is_allowed(origin, allowed_hosts):
        raise DomainError(
            f"{what}的主机不在允许名单内，请管理员在 TRACKER_WECOM_ALLOWED_HOSTS 中加入后再试。"
        )
    keys = parse_qs(parts.query).get("key", [])
    if len(keys) != 1 or len(keys[0]) > MAX_KEY or not KEY_SIGNS.issuperset(keys[0]):
        raise DomainError(f"{what}里没有可用的 key，请从群里重新复制完整地址。")
    return RobotAddress(origin, keys[0])


def origin_of(url: str) -> str:
    """Return scheme://host[:port], lower case, without a default port. Raises ValueError."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower(), parts.port
    if parts.scheme not in DEFAULT_PORTS or not host or "\\" in url or not url.isprintable():
        raise ValueError("no http address")
    name = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def is_allowed(origin: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the list names exactly this scheme, host and port."""
    return origin in {_listed(entry) for entry in allowed_hosts}


def _listed(entry: str) -> str:
    try:
        return origin_of(entry)
    except ValueError:
        return ""
