"""From the bytes of a request to the message a group sees."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tracker.wecom_sandbox.answers import (
    BAD_MESSAGE_TYPE,
    EMPTY_CONTENT,
    ILLEGAL_CHARACTER,
    WRONG_JSON,
    Refused,
)
from tracker.wecom_sandbox.media import MediaShelf
from tracker.wecom_sandbox.payloads import CHECKS, Payload

MEDIA_TYPES = ("file", "voice")
INLINE_MENTION = re.compile(r"<@([^<>\s]+)>")


@dataclass(frozen=True)
class Message:
    """An accepted message. `mentions` are all who are named: userids, mobiles, inline `<@userid>`.

    payload: the checked object under the msgtype's name; seq counts from 1 over all groups.
    """

    seq: int
    key: str
    msgtype: str
    content: str
    mentions: list[str]
    payload: Payload
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Fields as `GET /seen` gives them; received_at is ISO 8601 in UTC."""
        lists = {
            name: self.payload.get(name, []) for name in ("mentioned_list", "mentioned_mobile_list")
        }
        return {**asdict(self), **lists, "received_at": self.received_at.isoformat()}


def parse_body(body: bytes) -> dict[str, Any]:
    """The JSON object of a request; Refused when it is none, in UTF-8."""
    try:
        parsed = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refused(BAD_MESSAGE_TYPE, WRONG_JSON) from None
    if not isinstance(parsed, dict):
        raise Refused(BAD_MESSAGE_TYPE, WRONG_JSON)
    if not _can_be_written(parsed):
        raise Refused(ILLEGAL_CHARACTER)
    return parsed


def _can_be_written(parsed: dict[str, Any]) -> bool:
    """False for half a surrogate pair, which JSON can spell and UTF-8 cannot."""
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def check_message(
    body: dict[str, Any], *, key: str, shelf: MediaShelf, now: datetime
) -> tuple[str, Payload]:
    """msgtype and checked payload; Refused when the host would not post it.

    `mentioned_list` counts inside `text` only, so one at the top level is lost here.
    """
    msgtype = body.get("msgtype")
    if not isinstance(msgtype, str) or msgtype not in (*CHECKS, *MEDIA_TYPES):
        raise Refused(BAD_MESSAGE_TYPE)
    payload = body.get(msgtype)
    if not isinstance(payload, dict):
        raise Refused(EMPTY_CONTENT)
    if msgtype in CHECKS:
        return msgtype, CHECKS[msgtype](payload)
    media = shelf.get(payload.get("media_id"), key=key, kind=msgtype, now=now)
    return msgtype, {
        "media_id": media.media_id,
        "filename": media.filename,
        "size": media.size,
    }


def content_of(msgtype: str, payload: Payload) -> str:
    """One text that stands for the message: its content, file name, or titles."""
    if msgtype == "news":
        return "\n".join(article["title"] for article in payload["articles"])
    if msgtype == "template_card":
        return str(payload["main_title"].get("title") or payload.get("sub_title_text"))
    if msgtype == "image":
        return "[图片]"
    return str(payload.get("content", payload.get("filename", "")))


def mentions_of(msgtype: str, payload: Payload) -> list[str]:
    """Everyone a message names, each once: the lists of a text, then inline mentions."""
    named = [*payload.get("mentioned_list", []), *payload.get("mentioned_mobile_list", [])]
    if msgtype in ("text", "markdown"):
        named += INLINE_MENTION.findall(payload["content"])
    return list(dict.fromkeys(named))
