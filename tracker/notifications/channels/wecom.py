"""The group robot of enterprise WeChat (企业微信群机器人, 消息推送): texts only.

Success is HTTP 200 and a JSON object and the integer errcode 0; everything else is a failure of a
class. The interface has no idempotency key, so a lost answer is uncertain, never simply repeated.
"""

import json
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tracker.kernel.config import Config
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.transport import (
    AddressRefusedError,
    Line,
    LostError,
    NotSentError,
    Reply,
    Way,
    listed,
)
from tracker.notifications.rules import Failure, Reason, failure_of, names_one_person
from tracker.notifications.voices import Mention

HTTP_OK = 200
MAX_ANSWER = 300
MAX_ERRCODE = 2**31 - 1


class WecomRobot:
    """Sends texts to group robots. Any number of threads may use one; each keeps its own line."""

    def __init__(self, way: Way) -> None:
        """Remember the way out."""
        self._way = way
        self._own = threading.local()

    @classmethod
    def from_config(cls, config: Config) -> "WecomRobot":
        """Return a robot that goes out as the configuration says."""
        return cls(
            Way(
                allowed_hosts=config.wecom_allowed_hosts,
                proxy=config.http_proxy,
                ca_file=config.ca_file,
            )
        )

    def send(self, url: str, text: str, mentions: tuple[Mention, ...] = ()) -> Receipt:
        """Send one text. Raises ChannelError without address or key in it."""
        if not listed(url, self._way.allowed_hosts):
            raise ChannelError(Failure.BROKEN, Reason.NOT_ALLOWED.label)
        reply = self._post(url, _payload(text, mentions))
        if isinstance(reply, ChannelError):
            raise reply
        return _judge(reply, secret=_key(url))

    def _line(self) -> Line:
        if not hasattr(self._own, "line"):
            self._own.line = Line(self._way)
        line: Line = self._own.line
        return line

    def _post(self, url: str, payload: dict[str, Any]) -> Reply | ChannelError:
        try:
            return self._line().post_json(url, payload)
        except AddressRefusedError:
            return ChannelError(Failure.BROKEN, Reason.NOT_ALLOWED.label)
        except NotSentError as error:
            return ChannelError(Failure.UNAVAILABLE, f"not connected: {error}")
        except LostError as error:
            return ChannelError(Failure.UNCERTAIN, f"no answer: {error}")


def _payload(text: str, mentions: tuple[Mention, ...]) -> dict[str, Any]:
    """Mentions stand inside `text`; userids before mobiles, each person once."""
    body: dict[str, Any] = {"content": text}
    userids: list[str | None] = [
        who.userid for who in mentions if names_one_person(who.userid or "")
    ]
    mobiles = [who.mobile for who in mentions if who.mobile and not who.userid]
    if userids:
        body["mentioned_list"] = list(dict.fromkeys(userids))
    if mobiles:
        body["mentioned_mobile_list"] = list(dict.fromkeys(mobiles))
    return {"msgtype": "text", "text": body}


def answer_of(reply: Reply) -> tuple[int, dict[str, Any]]:
    """Return the errcode and the whole answer. Raises ChannelError where there is none."""
    if reply.status != HTTP_OK:
        raise ChannelError(Failure.UNAVAILABLE, f"HTTP {reply.status}")
    answer = None if reply.is_cut else _json_object(reply.body)
    errcode = answer.get("errcode") if answer is not None else None
    if answer is None or type(errcode) is not int or abs(errcode) > MAX_ERRCODE:
        raise ChannelError(Failure.UNAVAILABLE, "HTTP 200 without an errcode")
    return errcode, answer


def _judge(reply: Reply, *, secret: str) -> Receipt:
    errcode, answer = answer_of(reply)
    words = str(answer.get("errmsg", ""))
    shown = (words.replace(secret, "****") if secret else words)[:MAX_ANSWER].replace("\x00", "")
    if errcode != 0:
        raise ChannelError(failure_of(errcode), shown, errcode)
    return Receipt(errcode, shown)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _key(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("key", [""])[0]
