"""企业微信登录: away to enterprise WeChat, and back with a code that says who it is."""

import hmac
import secrets
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.logs import get_logger
from tracker.notifications.channels import ChannelError
from tracker.notifications.channels.members import (
    BAD_CODE,
    UNTRUSTED_DOMAIN,
    asks_members,
    userid_of,
)
from tracker.notifications.rules import Failure
from tracker.people import service, wecom
from tracker.people.queries import recent_failures
from tracker.people.rules import WecomRefusal, counts_as_failure, is_locked, state_is_good
from tracker.people.views import bp, enter
from tracker.people.views.gate import OpenGate, open_gate
from tracker.web.access import public
from tracker.web.database import begin_writing, config, database, db, now
from tracker.web.paths import local_path

log = get_logger(__name__)
BEGUN = "wecom"
NO_NAME = "wecom:"  # failures of nobody in particular; no sign-in is called so
LONGEST_NEXT, LONGEST_CODE = 500, 512
ELSEWHERE = (Failure.UNAVAILABLE, Failure.UNCERTAIN, Failure.BUSY, Failure.PAUSED)


class _RefusedError(Exception):
    def __init__(self, why: WecomRefusal) -> None:
        super().__init__(why.value)
        self.why = why


@bp.get("/sign-in/wecom")
@public
def wecom_start() -> ResponseReturnValue:
    """Send the browser to enterprise WeChat, with a nonce that it has to bring back itself."""
    opened = open_gate()
    if opened is None:
        abort(404)
    state = secrets.token_hex(16)
    target = local_path(request.args.get("next"))
    kept = target if len(target) <= LONGEST_NEXT else "/"
    session[BEGUN] = {"state": state, "at": now().timestamp(), "next": kept}
    is_in_app = "wxwork" in request.user_agent.string.lower()
    return redirect(opened.gate.address(back=_way_back(), state=state, is_in_app=is_in_app))


def _way_back() -> str:
    """Return where to come back to: by the name the browser knows us by, its cookie is bound to."""
    bases = (config().base_url, config().mobile_url or "")
    base = next((each for each in bases if urlsplit(each).netloc == request.host), bases[0])
    return base + url_for(".wecom_return")


@bp.get("/sign-in/wecom/return")
@public
def wecom_return() -> ResponseReturnValue:
    """Let in whom the code stands for; a refusal is one sentence on the sign-in page."""
    opened = open_gate()
    if opened is None:
        abort(404)
    target = local_path(_begun().get("next"))
    try:
        user_id = _who_comes(opened)
    except _RefusedError as refused:
        _note(refused.why)
        return redirect(url_for(".sign_in", wecom=refused.why.value, next=target))
    begin_writing()
    return enter(user_id, target, by="wecom")


def _begun() -> dict[str, str]:
    found = session.get(BEGUN)
    return found if isinstance(found, dict) else {}


def _who_comes(opened: OpenGate) -> int:
    address = request.remote_addr or ""
    with database().reading() as read:
        _, failures = recent_failures(read, NO_NAME, address, now=now())
    if is_locked(0, failures):
        raise _RefusedError(WecomRefusal.NOBODY)
    userid = _userid(opened, _spent_code())
    with database().reading() as read:
        user = wecom.user_of_member(read, userid, opened.gate)
        found = recent_failures(read, user.username, address, now=now()) if user else (0, 0)
    if user is None or not user.is_active or is_locked(*found):
        raise _RefusedError(WecomRefusal.NOBODY)
    return user.id


def _spent_code() -> str:
    """Return the code, once: of a way back that this browser began less than five minutes ago."""
    begun, state = _begun(), request.args.get("state", "")
    is_own = hmac.compare_digest(str(begun.get("state", "")).encode(), state.encode())
    if not state or not is_own or not _is_fresh(begun.get("at")):
        raise _RefusedError(WecomRefusal.STATE)
    session.pop(BEGUN)
    code = request.args.get("code", "")
    with database().writing() as write:
        is_first = wecom.spend(write, state=state, code=code or state, now=now())
        write.commit()
    if not is_first:
        raise _RefusedError(WecomRefusal.STATE)
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        raise _RefusedError(WecomRefusal.CODE)
    return code


def _is_fresh(begun_at: object) -> bool:
    is_instant = isinstance(begun_at, float | int)
    return is_instant and state_is_good(datetime.fromtimestamp(begun_at, UTC), now=now())  # type: ignore[arg-type]


def _userid(opened: OpenGate, code: str) -> str:
    try:
        userid = userid_of(asks_members(config()), opened.account, code)
    except ChannelError as error:
        log.warning("wecom sign-in failed", kind=error.kind.value, errcode=error.errcode)
        why = _meaning(error)
    else:
        if userid is not None:
            return userid
        why = WecomRefusal.OUTSIDER
    raise _RefusedError(why)


def _meaning(error: ChannelError) -> WecomRefusal:
    if error.errcode in BAD_CODE:
        return WecomRefusal.CODE
    is_elsewhere = error.kind in ELSEWHERE and error.errcode != UNTRUSTED_DOMAIN
    return WecomRefusal.HOST if is_elsewhere else WecomRefusal.SETUP


def _note(why: WecomRefusal) -> None:
    """Hold a refusal against the address, and write it down."""
    if not counts_as_failure(why):
        return
    begin_writing()
    service.note_failure(db(), NO_NAME, request.remote_addr or "", now=now())
    db().commit()
