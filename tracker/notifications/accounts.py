"""What a channel to persons needs to know of its far end: read, checked, sealed as JSON. Pure."""

import json
import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.notifications.addresses import is_allowed, origin_of

CORP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST_AGENT_DIGITS = 12
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,180}")
HOST = re.compile(r"[A-Za-z0-9.-]{1,200}")


class MailSecurity(LabelledEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls", "STARTTLS（通常 587 端口）"
    TLS = "tls", "TLS（通常 465 端口）"
    PLAIN = "plain", "不加密（仅限内网）"


@dataclass(frozen=True, kw_only=True)
class AppAccount:
    """An application of enterprise WeChat. The secret is in no repr, log or page."""

    base: str
    corpid: str
    agentid: int
    secret: str = field(repr=False)

    @property
    def tail(self) -> str:
        """Return the last four characters, the only ones a page shows."""
        return self.secret[-4:]

    @property
    def mark(self) -> str:
        """Return what names the account, whatever its secret."""
        return f"app {self.base} {self.corpid} {self.agentid}"


@dataclass(frozen=True, kw_only=True)
class MailAccount:
    """A mail server and who sends. Without a user name nobody signs in."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    username: str = ""
    secret: str = field(default="", repr=False)

    @property
    def tail(self) -> str:
        """Return the last four characters of the password; "" where there is none."""
        return self.secret[-4:]

    @property
    def mark(self) -> str:
        """Return what names the account, whatever its password."""
        return f"mail {self.host} {self.port} {self.sender}"

    @property
    def place(self) -> str:
        """Return host:port, as the list of allowed mail servers names it."""
        return f"{self.host}:{self.port}"


Account = AppAccount | MailAccount


def sealable(account: Account) -> str:
    """Return all of an account as one text, to be sealed."""
    return json.dumps(asdict(account))


def read_app(text: str) -> AppAccount:
    """Return the account that was sealed."""
    return AppAccount(**json.loads(text))


def read_mail(text: str) -> MailAccount:
    """Return the account that was sealed."""
    known: dict[str, Any] = json.loads(text)
    return MailAccount(**{**known, "security": MailSecurity(known["security"])})


def check_app(account: AppAccount, *, allowed_hosts: Collection[str]) -> AppAccount:
    """Refuse an account that cannot work, with a sentence that says what to change."""
    try:
        origin, path = origin_of(account.base), urlsplit(account.base).path
    except ValueError:
        raise DomainError("接口地址不是网址，例如 https://qyapi.weixin.qq.com。") from None
    if path not in ("", "/") or origin != account.base.rstrip("/").lower():
        raise DomainError("接口地址只写到主机和端口，例如 https://qyapi.weixin.qq.com。")
    if not is_allowed(origin, allowed_hosts):
        raise DomainError(
            "接口地址的主机不在允许名单内，请管理员在 TRACKER_WECOM_ALLOWED_HOSTS 中加入后再试。"
        )
    if not CORP_ID.fullmatch(account.corpid):
        raise DomainError("企业 ID 由字母、数字组成，请从企业微信管理后台“我的企业”页复制。")
    if not account.secret or not account.secret.isascii() or not account.secret.isprintable():
        raise DomainError("请填写应用的 Secret，从企业微信管理后台的应用详情页复制。")
    return account


def check_mail(account: MailAccount, *, allowed_servers: Collection[str]) -> MailAccount:
    """Refuse an account that cannot work, with a sentence that says what to change."""
    if not HOST.fullmatch(account.host):
        raise DomainError("邮件服务器请填主机名或 IP 地址，不带“://”和端口。")
    if account.place.lower() not in {each.lower() for each in allowed_servers}:
        raise DomainError(
            f"邮件服务器不在允许名单内，请管理员在 TRACKER_MAIL_ALLOWED_SERVERS 中加入"
            f"“{account.place}”后再试。"
        )
    if not is_mail_address(account.sender):
        raise DomainError("发件人请填完整的邮箱地址，例如 xcb@example.gov.cn。")
    if bool(account.username) != bool(account.secret):
        raise DomainError("登录名和密码要么都填，要么都不填（内网服务器不要求登录时）。")
    if account.secret and account.security is MailSecurity.PLAIN:
        raise DomainError("不加密时不能发送密码。请改用 TLS 或 STARTTLS，或不填登录名和密码。")
    return account


def is_mail_address(text: str) -> bool:
    """Return whether a text is one plain e-mail address, without a name beside it."""
    local, _, domain = text.rpartition("@")
    return (
        bool(MAIL_ADDRESS.fullmatch(text))
        and ".." not in text
        and not (
            local.startswith(".")
            or local.endswith(".")
            or domain.startswith((".", "-"))
            or domain.endswith((".", "-"))
        )
    )
