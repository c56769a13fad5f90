"""An application of enterprise WeChat (应用消息): texts to one member.

The access token is kept in memory, one per account and process; it is fetched anew five minutes
before its end, and once when the host says that it is over. A member gets 30 messages a minute,
what is beyond is dropped with errcode 0: the limiter of the outbox counts 18 for each person.
"""

import hashlib
import threading
from collections import defaultdict
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from tracker.kernel.config import Config
from tracker.kernel.labels import LabelledEnum
from tracker.notifications.accounts import AppAccount, read_app
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.personal import Letter
from tracker.notifications.channels.transport import (
    AddressRefusedError,
    Line,
    LostError,
    NotSentError,
    Reply,
    Way,
    listed,
)
from tracker.notifications.channels.wecom import MAX_ANSWER, answer_of
from tracker.notifications.rules import SERVER_BUSY, TOO_OFTEN, Failure, Reason

MOST_BYTES = 2048  # what is longer is cut by the host without a word
TOKEN_OVER = frozenset({40014, 42001, 42007, 42009})
TOKEN_IS_OVER = 42001
EARLY_SECONDS = 300
SAME_SECONDS = 1800
UNKNOWN_MEMBER = frozenset({81013, 60111, 40031})
OUT_OF_USE = frozenset({40001, 40013, 40056, 41001, 48002, 60011, 60020, 301002})


class AppWords(LabelledEnum):
    """What an errcode of an application means, and what to do."""

    OK = "0", "企业微信已接受，发给本人"
    NO_MEMBER = "81013", "企业微信里没有这个成员，请核对 userid"
    NO_SUCH_USER = "60111", "企业微信里没有这个成员，请核对 userid"
    BAD_USER = "40031", "企业微信里没有这个成员，请核对 userid"
    BUSY = "-1", "企业微信系统繁忙，系统会自动重试"
    CONCURRENT = "45033", "同时调用过多，系统会自动重试"
    TOO_OFTEN = "45009", "调用过于频繁，约一分钟后自动继续"
    BAD_SECRET = "40001", "应用的 Secret 不对，请从应用详情页重新复制"
    BAD_CORP = "40013", "企业 ID 不对，请从“我的企业”页重新复制"
    BAD_AGENT = "40056", "应用的 AgentId 不对，请从应用详情页重新复制"
    NOT_ITS_AGENT = "301002", "应用的 AgentId 与 Secret 不是同一个应用，请核对"
    NO_SECRET = "41001", "没有凭证，请重新填写应用的 Secret"
    NO_RIGHT = "48002", "应用没有发消息的权限，请联系企业微信管理员"
    NO_RIGHT_FOR = "60011", "应用的可见范围不含收件人，请企业微信管理员调整可见范围"
    UNTRUSTED = "60020", "服务器的出口 IP 不在应用的“企业可信IP”中，请企业微信管理员加入后再试"
    OVER = "42001", "企业微信不认可凭证，系统会自动重试"
    BAD_TOKEN = "40014", "企业微信不认可凭证，系统会自动重试"


class Tokens:
    """Access tokens of this process, each fetched by one thread while the others wait."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: dict[str, tuple[str, float]] = {}
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()

    def turn(self, key: str) -> threading.Lock:
        """Return the lock of an account."""
        with self._lock:
            return self._turns[key]

    def get(self, key: str) -> str | None:
        """Return a token that is good for a while, or None."""
        token, until = self._known.get(key, ("", 0.0))
        return token if token and monotonic() < until else None

    def keep(self, key: str, token: str, seconds: int) -> None:
        """Keep a token until shortly before its end."""
        self._known[key] = token, monotonic() + max(seconds - EARLY_SECONDS, 0)

    def forget(self, key: str, token: str) -> None:
        """Drop a token that is over, unless another thread has a new one already."""
        if self._known.get(key, ("", 0.0))[0] == token:
            del self._known[key]


TOKENS = Tokens()


class WecomApp:
    """Sends texts to members. Any number of threads may use one; each keeps its own line."""

    def __init__(self, way: Way, tokens: Tokens = TOKENS) -> None:
        """Remember the way out, and where tokens are kept."""
        self._way = way
        self._tokens = tokens
        self._own = threading.local()

    @classmethod
    def from_config(cls, config: Config) -> "WecomApp":
        """Return a sender that goes out as the configuration says."""
        hosts, proxy = config.wecom_allowed_hosts, config.http_proxy
        return cls(Way(allowed_hosts=hosts, proxy=proxy, ca_file=config.ca_file))

    def send(self, address: str, letter: Letter) -> Receipt:
        """Send one text. Raises ChannelError without secret, token or userid in it."""
        account = read_app(address)
        if len(letter.text.encode()) > MOST_BYTES:
            raise ChannelError(Failure.REFUSED, f"内容超过 {MOST_BYTES} 字节，没有发送")
        errcode, answer = self.call(
            account, "POST", "message/send", payload=_payload(account, letter)
        )
        return judge(errcode, answer, secrets=(account.secret, letter.to))

    def call(
        self,
        account: AppAccount,
        method: str,
        path: str,
        *,
        payload: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Ask the host for something with a token, once more where the token was over.

        Return errcode and answer, the token struck out of its words. Raises ChannelError.
        """
        if not listed(account.base, self._way.allowed_hosts):
            raise ChannelError(Failure.BROKEN, Reason.NOT_ALLOWED.label)
        ends = monotonic() + self._way.total_seconds
        errcode, answer = TOKEN_IS_OVER, dict[str, Any]()
        for _time in range(2):
            token = self._token(account, ends)
            named = urlencode({"access_token": token, **(query or {})})
            url = f"{account.base.rstrip('/')}/cgi-bin/{path}?{named}"
            reply = self._ask(method, url, payload, ends)
            if isinstance(reply, ChannelError):
                raise reply
            errcode, answer = answer_of(reply)
            answer = {**answer, "errmsg": str(answer.get("errmsg", "")).replace(token, "****")}
            if errcode not in TOKEN_OVER:
                break
            self._tokens.forget(_key(account), token)
        return errcode, answer

    def _token(self, account: AppAccount, ends: float) -> str:
        key = _key(account)
        turn = self._tokens.turn(key)
        if not turn.acquire(timeout=max(ends - monotonic(), 0)):
            raise ChannelError(Failure.UNAVAILABLE, "gettoken: others have been waiting too long")
        try:
            return self._tokens.get(key) or self._fetch(account, key, ends)
        finally:
            turn.release()

    def _fetch(self, account: AppAccount, key: str, ends: float) -> str:
        """Ask for a token. Whatever goes wrong here, no message has left."""
        query = urlencode({"corpid": account.corpid, "corpsecret": account.secret})
        reply = self._ask("GET", f"{account.base.rstrip('/')}/cgi-bin/gettoken?{query}", None, ends)
        if isinstance(reply, ChannelError):
            is_lost = reply.kind is Failure.UNCERTAIN
            raise ChannelError(Failure.UNAVAILABLE if is_lost else reply.kind, reply.answer)
        errcode, answer = answer_of(reply)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if errcode != 0:
            judge(errcode, answer, secrets=(account.secret,))
        if not isinstance(token, str) or not token or type(seconds) is not int:
            raise ChannelError(Failure.UNAVAILABLE, "gettoken without a token")
        self._tokens.keep(key, token, seconds)
        return token

    def _ask(
        self, method: str, url: str, payload: dict[str, Any] | None, ends: float
    ) -> Reply | ChannelError:
        """Return the reply, or the error to be raised: outside of any `except`, so without
        context."""
        if not hasattr(self._own, "line"):
            self._own.line = Line(self._way)
        try:
            return self._own.line.ask(method, url, payload, within=max(ends - monotonic(), 0))  # type: ignore[no-any-return]
        except AddressRefusedError:
            return ChannelError(Failure.BROKEN, Reason.NOT_ALLOWED.label)
        except NotSentError as error:
            return ChannelError(Failure.UNAVAILABLE, f"not connected: {error}")
        except LostError as error:
            return ChannelError(Failure.UNCERTAIN, f"no answer: {error}")


def _payload(account: AppAccount, letter: Letter) -> dict[str, Any]:
    """The host itself drops a second message of the same words within half an hour."""
    return {
        "touser": letter.to,
        "msgtype": "text",
        "agentid": account.agentid,
        "text": {"content": letter.text},
        "safe": 0,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": SAME_SECONDS,
    }


def judge(errcode: int, answer: dict[str, Any], *, secrets: tuple[str, ...]) -> Receipt:
    """Return the receipt of an answer, or raise what it means, without secrets in its words."""
    if errcode == 0 and not (answer.get("invaliduser") or answer.get("unlicenseduser")):
        return Receipt(errcode, AppWords.OK.label)
    if errcode == 0:  # taken, and nobody there to read it
        raise ChannelError(Failure.PERSONAL, AppWords.NO_MEMBER.label, errcode)
    raise ChannelError(_failure_of(errcode), _words(errcode, answer, secrets), errcode)


def _failure_of(errcode: int) -> Failure:
    if errcode in UNKNOWN_MEMBER:
        return Failure.PERSONAL
    if errcode in TOO_OFTEN:
        return Failure.PAUSED
    if errcode in OUT_OF_USE:
        return Failure.BROKEN
    return Failure.BUSY if errcode in SERVER_BUSY | TOKEN_OVER else Failure.REFUSED


def _words(errcode: int, answer: dict[str, Any], secrets: tuple[str, ...]) -> str:
    if str(errcode) in set(AppWords):
        return AppWords(str(errcode)).label
    words = str(answer.get("errmsg", ""))
    for secret in secrets:
        words = words.replace(secret, "****") if secret else words
    return words[:MAX_ANSWER].replace("\x00", "")


def _key(account: AppAccount) -> str:
    known = "\n".join((account.base, account.corpid, account.secret))
    return hashlib.sha256(known.encode()).hexdigest()
