"""Who somebody is whom enterprise WeChat sent back with a code (企业微信登录)."""

from tracker.kernel.config import Config
from tracker.notifications.accounts import AppAccount
from tracker.notifications.channels.app import WecomApp, judge
from tracker.notifications.channels.transport import Way

PATIENCE_SECONDS = 8.0  # somebody sits before the page
MOST_CHARACTERS = 64
BAD_CODE = frozenset({40029, 40003, 42003})
UNTRUSTED_DOMAIN = 50001


def asks_members(config: Config) -> WecomApp:
    """Return the line to the host, as the configuration says, for somebody who waits."""
    way = Way(
        allowed_hosts=config.wecom_allowed_hosts,
        proxy=config.http_proxy,
        ca_file=config.ca_file,
        total_seconds=PATIENCE_SECONDS,
    )
    return WecomApp(way)


def userid_of(host: WecomApp, account: AppAccount, code: str) -> str | None:
    """Return the userid of a code; None where it is of an outsider (openid).

    Raises ChannelError without code, token or userid in it.
    """
    errcode, answer = host.call(account, "GET", "auth/getuserinfo", query={"code": code})
    judge(errcode, answer, secrets=(account.secret, code))
    userid = answer.get("userid") or answer.get("UserId")  # the older interface
    return userid if isinstance(userid, str) and len(userid) <= MOST_CHARACTERS else None
