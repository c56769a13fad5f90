"""A real SMTP server on loopback (aiosmtpd), which refuses, drops and drips when it is told to."""

import asyncio
import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.databases import free_port

FOREVER_SECONDS = 20.0  # far past any deadline of the tests


class Behaviour:
    """What the server does: answers scripted by command, and what it was given."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.after_text = ""
        self.password = ""
        self.mails: list[EmailMessage] = []
        self.hung_up = False

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(email.message_from_bytes(content, policy=default))
        transport: Any = server.transport
        if self.after_text == "drop":
            transport.abort()
        elif self.after_text == "drip":
            await self._drip(transport)
        elif self.after_text == "overlong":
            transport.write(b"".join(b"250-%s\r\n" % (b"x" * 500) for _ in range(400)))
        return "250 OK"

    async def _drip(self, transport: Any) -> None:
        for _ in range(int(FOREVER_SECONDS / 0.05)):
            if transport.is_closing():
                self.hung_up = True
                return
            transport.write(b"2")
            await asyncio.sleep(0.05)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any
    ) -> AuthResult:
        given = auth_data.password if isinstance(auth_data, LoginPassword) else b""
        return AuthResult(success=given == self.password.encode(), handled=False)


@contextmanager
def mail_server(
    behaviour: Behaviour, *, authority: trustme.CA | None = None, is_tls: bool = False
) -> Iterator[int]:
    """Serve on a port of 127.0.0.1: plain, with STARTTLS (an authority), or TLS from the start."""
    context = None
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
    more: dict[str, Any] = {}
    if is_tls:
        more["ssl_context"] = context
    elif context is not None:
        more["tls_context"] = context
    if behaviour.password:
        more |= {
            "authenticator": behaviour.authenticate,
            "auth_required": not is_tls,
            "auth_require_tls": not is_tls,
        }
    port = free_port()
    controller = Controller(behaviour, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
