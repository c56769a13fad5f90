"""The far end of applications: tokens, members, and what each member was sent."""

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.wecom_sandbox.answers import (
    BAD_MESSAGE_TYPE,
    EMPTY_CONTENT,
    OK,
    Answer,
    Refused,
    text_of,
)
from tracker.wecom_sandbox.clock import Now
from tracker.wecom_sandbox.codes import CodeBook, Person
from tracker.wecom_sandbox.faults import Fault, FaultScript
from tracker.wecom_sandbox.host import Outcome
from tracker.wecom_sandbox.messages import Message, parse_body

BAD_SECRET, BAD_CORP, BAD_TOKEN, OVER, BAD_AGENT = 40001, 40013, 40014, 42001, 40056
UNTRUSTED, NOBODY = 60020, 81013
BAD_CODE, UNTRUSTED_DOMAIN = 40029, 50001
TOKEN_SECONDS = 7200
MOST_BYTES = 2048
MOST_A_MINUTE = 30
TEXTS = {
    BAD_SECRET: "invalid credential",
    BAD_CORP: "invalid corpid",
    BAD_TOKEN: "invalid access_token",
    OVER: "access_token expired",
    BAD_AGENT: "invalid agentid",
    UNTRUSTED: "not allow to access from your ip",
    NOBODY: "user & party & tag all invalid",
    BAD_CODE: "invalid code",
    UNTRUSTED_DOMAIN: "redirect_url not match the trusted domain",
}


@dataclass(frozen=True)
class AppAttempt:
    """A request that came, refused ones included. errcode is None when a fault left it unsaid."""

    endpoint: str
    errcode: int | None
    fault: str | None
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Fields as `GET /app/attempts` gives them."""
        return {**asdict(self), "received_at": self.received_at.isoformat()}


def _refused(errcode: int) -> Refused:
    return Refused(errcode, TEXTS.get(errcode, text_of(errcode)))


class AppHost:
    """All state of the application API, behind one lock. Time comes from `now` alone.

    Any corporation and any well-formed userid is known, unless they were named or removed;
    `answers_0_to_nobody`: a message to unknown members alone gets errcode 0 and `invaliduser`, as
    some hosts do, instead of 81013.
    """

    def __init__(self, *, now: Now) -> None:
        self._now = now
        self._secrets: dict[str, tuple[str, int]] = {}
        self._removed: set[str] = set()
        self._tokens: dict[str, datetime] = {}
        self._over: set[str] = set()
        self._faults = FaultScript()
        self._messages: list[Message] = []
        self._same: dict[str, datetime] = {}
        self._attempts: list[AppAttempt] = []
        self._codes = CodeBook()
        self._changed = threading.Condition()
        self.is_trusted = True
        self.answers_0_to_nobody = False

    def gettoken(self, corpid: str, secret: str, *, ip: str) -> Outcome:
        """Judge a pair and give a token."""
        with self._changed:
            return self._answer("gettoken", ip, lambda: self._give(corpid, secret))

    def send(self, token: str, body: bytes, *, ip: str) -> Outcome:
        """Judge a message and keep it for its members when it is good."""
        with self._changed:
            return self._answer("message", ip, lambda: self._post(token, body))

    def userinfo(self, token: str, code: str, *, ip: str) -> Outcome:
        """Say who a code stands for, once."""
        with self._changed:
            return self._answer("userinfo", ip, lambda: self._tell(token, code))

    def give_code(self, person: Person) -> str:
        """Return the code with which somebody is sent back who agreed to sign in."""
        with self._changed:
            return self._codes.give(person, at=self._now())

    def name_member(self, userid: str, name: str = "") -> None:
        """Offer a member on the authorize page."""
        with self._changed:
            self._codes.name_member(userid, name)

    def offered(self) -> dict[str, str]:
        """Members on the authorize page: those named, else whoever was sent something."""
        return self._codes.members() or {userid: userid for userid in self.members()}

    def messages(self, userid: str | None = None) -> list[Message]:
        """What members were sent, one entry a member, in order."""
        with self._changed:
            return [one for one in self._messages if userid in (None, one.key)]

    def attempts(self, endpoint: str | None = None) -> list[AppAttempt]:
        """Every request to the API, in order."""
        with self._changed:
            return [one for one in self._attempts if endpoint in (None, one.endpoint)]

    def members(self) -> list[str]:
        """Everybody who was sent something."""
        return list(dict.fromkeys(message.key for message in self.messages()))

    def add_app(self, corpid: str, secret: str, agentid: int) -> None:
        """From now on this corporation has one secret and one application."""
        with self._changed:
            self._secrets[corpid] = secret, agentid

    def remove_member(self, userid: str) -> None:
        """From now on nobody is called so."""
        with self._changed:
            self._removed.add(userid.lower())

    def end_tokens(self) -> None:
        """All tokens given out are over before their time."""
        with self._changed:
            self._over |= self._tokens.keys()

    def script(self, fault: Fault) -> None:
        """Append a fault to the script."""
        with self._changed:
            self._faults.add(fault)

    def clear(self) -> None:
        """Forget messages, attempts and faults still to come."""
        with self._changed:
            self._messages.clear()
            self._attempts.clear()
            self._faults.clear()

    def _answer(self, endpoint: str, ip: str, act: Callable[[], Answer]) -> Outcome:
        at = self._now()
        fault = self._faults.take("", endpoint)
        if fault is not None and not fault.accepted:
            errcode = fault.errcode or OK
            answer = Answer(errcode, TEXTS.get(errcode, text_of(errcode)))
        else:
            try:
                answer = act()
            except Refused as refused:
                answer = Answer(refused.errcode, refused.errmsg)
        is_unsaid = fault is not None and fault.errcode is None
        said, kind = None if is_unsaid else answer.errcode, fault.kind if fault else None
        self._attempts.append(AppAttempt(endpoint, said, kind, at))
        self._changed.notify_all()
        body = answer.as_json(request_no=len(self._attempts), at=at.timestamp(), ip=ip)
        if "expires_in" in body:
            body["expires_in"] = int(body["expires_in"])
        return Outcome(body, fault if is_unsaid else None)

    def _give(self, corpid: str, secret: str) -> Answer:
        if not corpid:
            raise _refused(BAD_CORP)
        known, _agentid = self._secrets.get(corpid, (secret, 0))
        if not secret or secret != known:
            raise _refused(BAD_SECRET)
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self._now() + timedelta(seconds=TOKEN_SECONDS)
        return Answer(OK, "ok", {"access_token": token, "expires_in": str(TOKEN_SECONDS)})

    def _check(self, token: str) -> None:
        if token not in self._tokens:
            raise _refused(BAD_TOKEN)
        if token in self._over or self._tokens[token] <= self._now():
            raise _refused(OVER)
        if not self.is_trusted:
            raise _refused(UNTRUSTED)

    def _tell(self, token: str, code: str) -> Answer:
        self._check(token)
        person = self._codes.spend(code, at=self._now())
        if person is None:
            raise _refused(BAD_CODE)
        told = {"userid": person.userid} if person.userid else {"openid": person.openid}
        return Answer(OK, "ok", told)

    def _post(self, token: str, raw: bytes) -> Answer:
        self._check(token)
        body = parse_body(raw)
        wanted, invalid = self._addressed(body)
        content = _content(body)
        if wanted and not self._is_same(body):
            for userid in wanted:
                self._keep(userid, content)
        more = {"msgid": secrets.token_urlsafe(12)}
        if invalid:
            more["invaliduser"] = "|".join(invalid)
        return Answer(OK, "ok", more)

    def _addressed(self, body: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Return the members meant, lower-cased as the host has them, and who is none."""
        agents = {agentid for _secret, agentid in self._secrets.values()}
        if type(body.get("agentid")) is not int or (agents and body["agentid"] not in agents):
            raise _refused(BAD_AGENT)
        named = [one.strip().lower() for one in str(body.get("touser", "")).split("|")]
        invalid = [one for one in named if not one or one in self._removed]
        wanted = [one for one in named if one not in invalid]
        if not wanted and not self.answers_0_to_nobody:
            raise _refused(NOBODY)
        return wanted, invalid

    def _is_same(self, body: dict[str, Any]) -> bool:
        """Return whether the host leaves a message out that it has had within the interval."""
        if not body.get("enable_duplicate_check"):
            return False
        words = json.dumps(body, sort_keys=True)
        interval = timedelta(seconds=int(body.get("duplicate_check_interval", 1800)))
        before, self._same[words] = self._same.get(words), self._now()
        return before is not None and self._now() - before < interval

    def _keep(self, userid: str, content: str) -> None:
        """Keep a message; what is over 30 a minute is dropped without a word."""
        now = self._now()
        recent = [
            one
            for one in self._messages
            if one.key == userid and now - one.received_at < timedelta(minutes=1)
        ]
        if len(recent) < MOST_A_MINUTE:
            seq, payload = len(self._messages) + 1, {"content": content}
            self._messages.append(Message(seq, userid, "text", content, [userid], payload, now))


def _content(body: dict[str, Any]) -> str:
    """Return the text, cut where the host cuts it."""
    if body.get("msgtype") != "text":
        raise Refused(BAD_MESSAGE_TYPE)
    payload = body.get("text")
    content = payload.get("content") if isinstance(payload, dict) else None
    if not isinstance(content, str) or not content.strip():
        raise Refused(EMPTY_CONTENT)
    return content.encode()[:MOST_BYTES].decode(errors="ignore")
