"""E-mail to one person over SMTP: one connection a letter, one total deadline over all of it.

Nothing can have arrived until the server has asked for the text (354); what is lost after that is
uncertain. The Message-ID is made of the visible number, so a repeat is known as one.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as LINES
from typing import Any

from tracker.kernel.config import Config
from tracker.notifications.accounts import MailAccount, MailSecurity, read_mail
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.personal import Letter
from tracker.notifications.channels.transport import DEADLINES, MAX_REPLY_BYTES, Watch, Way
from tracker.notifications.rules import Failure

GIVE_TEXT = 354
OK, WILL_FORWARD = 250, 251
GREETED = 220
NO_SIGN_IN = frozenset({530, 534, 535, 538})
SUBJECT = "巡察整改提醒"
REFUSED_EARLY: dict[type[smtplib.SMTPResponseException], tuple[str, Failure]] = {
    smtplib.SMTPConnectError: ("邮件服务器暂时不接受连接", Failure.UNAVAILABLE),
    smtplib.SMTPHeloError: ("邮件服务器不接受问候", Failure.BROKEN),
    smtplib.SMTPAuthenticationError: (
        "邮件服务器不接受登录名或密码，请重新填写",
        Failure.BROKEN,
    ),
}
AFTER_TEXT = "邮件服务器没有确认，可能已送达"


class _Capped:
    """Lines of a server's answers, no more of them together than 64 KB."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MAX_REPLY_BYTES

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("answer too long")
        return line

    def close(self) -> None:
        self._file.close()


class _Server(smtplib.SMTP):
    """A connection that the total deadline can cut. `said`: the code of the last answer."""

    def __init__(self, account: MailAccount, watch: Watch, way: Way, tls: ssl.SSLContext) -> None:
        self.said = 0
        self._watch, self._tls, self._wraps = watch, tls, account.security is MailSecurity.TLS
        super().__init__(
            account.host, account.port, local_hostname="[127.0.0.1]", timeout=way.read_seconds
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), min(timeout, 5.0))
        plain.settimeout(timeout)
        self._watch.take(plain)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._wraps else plain

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Capped(self.sock.makefile("rb"))
        self.said = 0 if self.said != GIVE_TEXT else self.said
        code, words = super().getreply()
        self.said = code
        return code, words


class Mailer:
    """Sends letters. Any number of threads may use one."""

    def __init__(self, way: Way) -> None:
        """Remember which servers may be reached (host:port), whom to trust, and how long."""
        self._way = way

    @classmethod
    def from_config(cls, config: Config) -> "Mailer":
        """Return a sender that goes out as the configuration says."""
        return cls(Way(allowed_hosts=config.mail_allowed_servers, ca_file=config.ca_file))

    def send(self, address: str, letter: Letter) -> Receipt:
        """Send one letter. Raises ChannelError without password or address in it."""
        account = read_mail(address)
        if account.place not in self._way.allowed_hosts:
            raise ChannelError(
                Failure.BROKEN,
                f"邮件服务器 {account.place} 不在 TRACKER_MAIL_ALLOWED_SERVERS 中，请联系管理员",
            )
        watch = Watch(guards_peer=False)
        call_off = DEADLINES.add(self._way.total_seconds, watch.cut)
        try:
            outcome = _attempt(account, letter, watch, self._way)
        finally:
            call_off()
            watch.close()
        if isinstance(outcome, ChannelError):
            raise outcome
        return outcome


def _attempt(
    account: MailAccount, letter: Letter, watch: Watch, way: Way
) -> Receipt | ChannelError:
    """Return the receipt, or the error to be raised: outside of any `except`, so without context."""
    server: _Server | None = None
    try:
        server = _open(account, watch, way)
        return _hand_over(server, account, letter)
    except tuple(REFUSED_EARLY) as error:
        words, kind = REFUSED_EARLY[type(error)]
        return _refusal(error.smtp_code, words, kind)
    except smtplib.SMTPNotSupportedError:
        return ChannelError(Failure.BROKEN, "邮件服务器不支持所选的加密或登录方式，请更改后再试")
    except ssl.SSLCertVerificationError:
        return ChannelError(Failure.UNAVAILABLE, "邮件服务器的证书不被信任，请管理员核对证书")
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if server is not None and server.said == GIVE_TEXT:
            return ChannelError(Failure.UNCERTAIN, AFTER_TEXT)
        return ChannelError(Failure.UNAVAILABLE, f"没有连上邮件服务器（{type(error).__name__}）")
    finally:
        if server is not None:
            server.close()


def _open(account: MailAccount, watch: Watch, way: Way) -> _Server:
    """Return a connection that is encrypted and signed in as the account says."""
    tls = ssl.create_default_context(cafile=way.ca_file)
    server = _Server(account, watch, way, tls)
    try:
        server.ehlo_or_helo_if_needed()
        if account.security is MailSecurity.STARTTLS:
            server.starttls(context=tls)
            server.ehlo_or_helo_if_needed()
        if account.username:
            _sign_in(server, account)
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: _Server, account: MailAccount) -> None:
    """Try one method only: a wrong password tried in all of them soon locks an account."""
    offered = server.esmtp_features.get("auth", "").split()
    methods = {"PLAIN": server.auth_plain, "LOGIN": server.auth_login}
    method = next((name for name in methods if name in offered), None)
    if method is None:
        raise smtplib.SMTPNotSupportedError
    server.user, server.password = account.username, account.secret
    server.auth(method, methods[method])


def _hand_over(server: _Server, account: MailAccount, letter: Letter) -> Receipt | ChannelError:
    code, _words = server.mail(account.sender)
    if code != OK:
        return _refusal(code, "邮件服务器不接受发件人，请核对发件人地址", Failure.BROKEN)
    code, _words = server.rcpt(letter.to)
    if code in NO_SIGN_IN:
        return _refusal(code, "邮件服务器要求登录，请填写登录名和密码", Failure.BROKEN)
    if code not in (OK, WILL_FORWARD):
        return _refusal(code, "邮件服务器没有这个收件人，请核对邮箱", Failure.PERSONAL)
    try:
        code, _words = server.data(written(account, letter).as_bytes())
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    if code != OK:
        return _refusal(code, "邮件服务器没有接受内容", Failure.REFUSED)
    with suppress(OSError, smtplib.SMTPException):
        server.putcmd("quit")  # its answer is nobody's business
    return Receipt(code, "邮件服务器已接受")


def _refusal(code: int, words: str, kind: Failure) -> ChannelError:
    """Return the error of an answer: of a 4xx it is only for now."""
    if 400 <= code < 500:
        return ChannelError(Failure.BUSY, f"邮件服务器暂时不接受（{code}），系统会自动重试", code)
    if not 500 <= code < 600:
        return ChannelError(Failure.UNAVAILABLE, f"邮件服务器的回答不合规范（{code}）")
    return ChannelError(kind, f"{words}（{code}）", code)


def written(account: MailAccount, letter: Letter) -> EmailMessage:
    """Return the message. Its id is the number's and the part's, the same in every attempt."""
    mail = EmailMessage(policy=LINES.clone(max_line_length=900))
    mark = f"（{letter.part_no}/{letter.part_count}）" if letter.part_count > 1 else ""
    domain = account.sender.rpartition("@")[2]
    mail["From"] = account.sender
    mail["To"] = letter.to
    mail["Subject"] = f"{SUBJECT} 编号{letter.number}{mark}"
    mail["Message-ID"] = f"<{letter.number}.{letter.part_no}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text, charset="utf-8", cte="base64")
    return mail
