"""What the robot host answers: HTTP 200 with errcode and errmsg, whatever went wrong."""

from dataclasses import dataclass, field
from typing import Any

OK = 0
BUSY = -1
BAD_MEDIA_TYPE = 40004
BAD_FILE_TYPE = 40005
BAD_MEDIA_SIZE = 40006
BAD_MEDIA_ID = 40007
BAD_MESSAGE_TYPE = 40008
ILLEGAL_CHARACTER = 40033
BAD_PARAMETER = 40058
EMPTY_MEDIA = 44001
EMPTY_CONTENT = 44004
TOO_OFTEN = 45009
TOO_MANY_AT_ONCE = 45033
BAD_URL_IN_NEWS = 45034
BAD_WEBHOOK = 93000
BAD_IMAGE_MD5 = 301019

TEXTS = {
    OK: "ok",
    BUSY: "system busy",
    BAD_MEDIA_TYPE: "invalid media type",
    BAD_FILE_TYPE: "invalid file type",
    BAD_MEDIA_SIZE: "invalid file size",
    BAD_MEDIA_ID: "invalid media_id",
    BAD_MESSAGE_TYPE: "invalid message type",
    ILLEGAL_CHARACTER: "invalid character",
    BAD_PARAMETER: "invalid Request Parameter",
    EMPTY_MEDIA: "empty media data",
    EMPTY_CONTENT: "empty content",
    TOO_OFTEN: "api freq out of limit",
    TOO_MANY_AT_ONCE: "api concurrent out of limit",
    BAD_URL_IN_NEWS: "url without scheme",
    BAD_WEBHOOK: "invalid webhook url",
    93004: "robot is disabled",
    93008: "robot is not in the group",
    BAD_IMAGE_MD5: "media md5 mismatch",
}
WRONG_JSON = "Warning: wrong json format. invalid message type"
MORE_INFO = "https://open.work.weixin.qq.com/devtool/query"


class Refused(Exception):  # noqa: N818 - an answer of the API, not an error of the program
    """The request gets this errcode; nothing is posted."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg if errmsg is not None else text_of(errcode)


@dataclass(frozen=True)
class Answer:
    """errcode, the bare errmsg, and what else the JSON object holds (media_id …)."""

    errcode: int
    errmsg: str
    more: dict[str, str] = field(default_factory=dict)

    def as_json(self, *, request_no: int, at: float, ip: str) -> dict[str, Any]:
        """The JSON object; a refusal carries hint, caller's address and where to read on."""
        errmsg = self.errmsg
        if self.errcode != OK:
            errmsg += (
                f", hint: [{int(at)}_{request_no:06d}], from ip: {ip},"
                f" more info at {MORE_INFO}?e={self.errcode}"
            )
        return {"errcode": self.errcode, "errmsg": errmsg, **self.more}


def text_of(errcode: int) -> str:
    """The bare errmsg of a code; a code that is not known gets a plain one."""
    return TEXTS.get(errcode, "request refused")
