"""The far end of the webhook: groups, quota, script and everything that was accepted."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tracker.wecom_sandbox.answers import (
    BAD_WEBHOOK,
    OK,
    TOO_OFTEN,
    Answer,
    Refused,
    text_of,
)
from tracker.wecom_sandbox.clock import Now
from tracker.wecom_sandbox.faults import Fault, FaultScript
from tracker.wecom_sandbox.groups import Group, GroupBook
from tracker.wecom_sandbox.limiter import Limiter
from tracker.wecom_sandbox.media import MediaShelf, Upload, check_upload
from tracker.wecom_sandbox.messages import (
    Message,
    check_message,
    content_of,
    mentions_of,
    parse_body,
)


@dataclass(frozen=True)
class Call:
    """A request to the API: whose robot, "send" or "upload", from where, when."""

    key: str
    endpoint: str
    ip: str
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """A request that came, refused ones included. errcode is None when a fault left it unsaid."""

    key: str
    endpoint: str
    errcode: int | None
    fault: str | None
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Fields as `GET /attempts` gives them."""
        return {**asdict(self), "received_at": self.received_at.isoformat()}


@dataclass(frozen=True)
class Outcome:
    """What to send back: the answer's JSON object, and the transport fault it must suffer."""

    body: dict[str, Any]
    fault: Fault | None = None


class RobotHost:
    """All state of a simulator, behind one lock. Time comes from `now` alone."""

    def __init__(self, *, now: Now, limiter: Limiter, groups: GroupBook) -> None:
        self._now = now
        self._limiter = limiter
        self._groups = groups
        self._faults = FaultScript()
        self._shelf = MediaShelf()
        self._messages: list[Message] = []
        self._attempts: list[Attempt] = []
        self._last_seq = 0
        self._changed = threading.Condition()

    def send(self, key: str, body: bytes, *, ip: str) -> Outcome:
        """Judge a message and post it when it is good."""
        with self._changed:
            call = Call(key, "send", ip, self._now())
            return self._close(call, *self._judge(call, lambda: self._post(call, body)))

    def upload(self, key: str, kind: str, upload: Upload | None, *, ip: str) -> Outcome:
        """Judge a file and keep it for three days when it is good. Uploads use no quota."""
        with self._changed:
            call = Call(key, "upload", ip, self._now())
            return self._close(call, *self._judge(call, lambda: self._keep(call, kind, upload)))

    def messages(self, key: str | None = None) -> list[Message]:
        """Accepted messages, of one group or of all, in order."""
        with self._changed:
            return [message for message in self._messages if key in (None, message.key)]

    def attempts(self, key: str | None = None) -> list[Attempt]:
        """Every request to the API, of one robot or of all, in order."""
        with self._changed:
            return [attempt for attempt in self._attempts if key in (None, attempt.key)]

    def clear(self) -> None:
        """Forget messages and attempts; quota, groups, files and script stay; seq goes on."""
        with self._changed:
            self._messages.clear()
            self._attempts.clear()

    def wait_until(self, is_true: Callable[[], bool], *, timeout_seconds: float) -> bool:
        """Block until the condition holds after some request; False when time ran out."""
        with self._changed:
            return self._changed.wait_for(is_true, timeout_seconds)

    def script(self, fault: Fault) -> None:
        """Append a fault to the script."""
        with self._changed:
            self._faults.add(fault)

    def scripted(self) -> list[Fault]:
        """The faults still to come."""
        with self._changed:
            return self._faults.remaining()

    def clear_faults(self) -> None:
        """Answer honestly again."""
        with self._changed:
            self._faults.clear()

    def register(self, key: str, name: str = "", robot_name: str = "") -> Group:
        """Add or rename a group; ValueError with a Chinese sentence on a malformed key."""
        with self._changed:
            return self._groups.register(key, name, robot_name)

    def remove_robot(self, key: str) -> None:
        """Take the robot out of its group: from now on 93000."""
        with self._changed:
            self._groups.remove(key)

    def find_group(self, key: str) -> Group | None:
        """The group of a key, None when there can be none."""
        with self._changed:
            return self._groups.find(key)

    def groups(self) -> list[Group]:
        """All groups, in the order they came."""
        with self._changed:
            return self._groups.all()

    def _judge(self, call: Call, act: Callable[[], Answer]) -> tuple[Answer, Fault | None]:
        """First the address, then the script, then quota and content."""
        if not self._groups.accepts(call.key):
            return Answer(BAD_WEBHOOK, text_of(BAD_WEBHOOK)), None
        fault = self._faults.take(call.key, call.endpoint)
        if fault is not None and not fault.accepted:
            if call.endpoint == "send":
                self._limiter.count(call.key, at=call.at.timestamp(), accepted=False)
            errcode = fault.errcode or OK
            return Answer(errcode, text_of(errcode)), fault
        try:
            return act(), fault
        except Refused as refused:
            return Answer(refused.errcode, refused.errmsg), fault

    def _post(self, call: Call, body: bytes) -> Answer:
        at = call.at.timestamp()
        if not self._limiter.admits(call.key, at=at):
            raise Refused(TOO_OFTEN)
        try:
            msgtype, payload = check_message(
                parse_body(body), key=call.key, shelf=self._shelf, now=call.at
            )
        except Refused:
            self._limiter.count(call.key, at=at, accepted=False)
            raise
        self._limiter.count(call.key, at=at, accepted=True)
        self._groups.note(call.key)
        self._last_seq += 1
        self._messages.append(
            Message(
                seq=self._last_seq,
                key=call.key,
                msgtype=msgtype,
                content=content_of(msgtype, payload),
                mentions=mentions_of(msgtype, payload),
                payload=payload,
                received_at=call.at,
            )
        )
        return Answer(OK, text_of(OK))

    def _keep(self, call: Call, kind: str, upload: Upload | None) -> Answer:
        media = self._shelf.put(call.key, kind, check_upload(kind, upload), now=call.at)
        more = {
            "type": kind,
            "media_id": media.media_id,
            "created_at": str(int(call.at.timestamp())),
        }
        return Answer(OK, text_of(OK), more)

    def _close(self, call: Call, answer: Answer, fault: Fault | None) -> Outcome:
        transport_fault = fault if fault is not None and fault.errcode is None else None
        said = answer.errcode if transport_fault is None else None
        kind = fault.kind if fault is not None else None
        self._attempts.append(Attempt(call.key, call.endpoint, said, kind, call.at))
        self._changed.notify_all()
        body = answer.as_json(request_no=len(self._attempts), at=call.at.timestamp(), ip=call.ip)
        return Outcome(body, transport_fault)
