"""企业微信登录: whether it is on and through which application; whom a userid lets in."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import get_setting, put_setting
from tracker.organizations.models import Region
from tracker.people.models import Person, User, WecomReturn

SETTING = "wecom_sign_in"
IN_APP = "https://open.weixin.qq.com/connect/oauth2/authorize"
SCAN = "https://open.work.weixin.qq.com/wwopen/sso/qrConnect"
PUBLIC_HOSTS = frozenset({"open.weixin.qq.com", "open.work.weixin.qq.com"})
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The application people sign in through, as the administrator saw it when switching it on.

    Its host, corporation and agent are part of it: an application that was changed to another one
    since lets nobody in. `region_id`: whose persons its members are; those of its counties too
    where `with_counties`.
    """

    way_id: int
    region_id: int
    base: str
    corpid: str
    agentid: int
    with_counties: bool
    in_app_url: str = IN_APP
    scan_url: str = SCAN

    def address(self, *, back: str, state: str, is_in_app: bool) -> str:
        """Return where a browser is sent to: inside WeCom to agree silently, else to scan."""
        asked = {"appid": self.corpid, "agentid": str(self.agentid), "redirect_uri": back}
        if not is_in_app:
            return f"{self.scan_url}?{urlencode({**asked, 'state': state})}"
        silent = {"response_type": "code", "scope": "snsapi_base", "state": state}
        return f"{self.in_app_url}?{urlencode({**asked, **silent})}#wechat_redirect"


def gate(session: Session) -> Gate | None:
    """Return the application people sign in through; None while it is switched off."""
    text = get_setting(session, SETTING, "")
    return Gate(**json.loads(text)) if text else None


def keep_gate(
    session: Session,
    wanted: Gate | None,
    *,
    allowed_hosts: Collection[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Switch signing in through an application on, over to another one, or off. DomainError."""
    for url in (wanted.in_app_url, wanted.scan_url) if wanted else ():
        _check_authorize(url, allowed_hosts)
    text = json.dumps(asdict(wanted)) if wanted else ""
    put_setting(session, SETTING, text, by=actor.label, now=now)
    record(
        session,
        "wecom_sign_in_kept",
        actor=actor,
        now=now,
        object_type="channel",
        object_id=wanted.way_id if wanted else None,
        detail={"switched_on": wanted is not None},
    )


def _check_authorize(url: str, allowed_hosts: Collection[str]) -> None:
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        raise DomainError("授权地址不是网址，请核对。") from None
    is_plain = parts.scheme in ("http", "https") and parts.hostname and url.isprintable()
    if not is_plain or parts.query or parts.fragment or "@" in parts.netloc or "\\" in url:
        raise DomainError("授权地址请填以 https:// 开头的完整网址，不带“?”“#”、用户名。")
    own = {urlsplit(each).netloc.lower() for each in allowed_hosts}
    is_public = parts.scheme == "https" and port is None and parts.hostname in PUBLIC_HOSTS
    if not is_public and parts.netloc.lower() not in own:
        raise DomainError(
            "授权地址的主机不在允许名单内，请在 TRACKER_WECOM_ALLOWED_HOSTS 中加入后再试。"
        )


def spend(session: Session, *, state: str, code: str, now: datetime) -> bool:
    """Use up a state and a code; False when either was used before, on whatever machine."""
    session.execute(delete(WecomReturn).where(WecomReturn.at < now - KEPT_FOR))
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if on_sqlite else postgresql.insert)(WecomReturn)
    values = {"state_sha256": _digest(state), "code_sha256": _digest(code), "at": now}
    added = insert.values(**values).on_conflict_do_nothing().returning(WecomReturn.id)
    return session.execute(added).first() is not None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def user_of_member(session: Session, userid: str, gate: Gate) -> User | None:
    """Return the one user whose person has a userid, upper and lower case alike.

    None where nobody has it, or more than one sign-in: nobody knows then who is meant.
    """
    regions = or_(
        Region.id == gate.region_id,
        Region.parent_id == gate.region_id if gate.with_counties else Region.id == gate.region_id,
    )
    query = (
        select(User)
        .join(Person, Person.id == User.person_id)
        .join(Region, Region.id == User.region_id)
        .where(func.lower(Person.wecom_userid) == userid.lower(), regions)
    )
    found = list(session.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None
