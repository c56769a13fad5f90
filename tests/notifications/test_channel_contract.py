"""One contract for every way out, each against its real far end: robot and application against the
simulator over HTTP, e-mail against an SMTP server, the inbox against the database."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine, event, select, text

from tests.databases import free_port
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.notifications.far_ends import drip, http, raw_host
from tests.notifications.mail_server import Behaviour, mail_server
from tracker.kernel.db import Database
from tracker.notifications.accounts import AppAccount, MailAccount, MailSecurity, sealable
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.app import Tokens, WecomApp
from tracker.notifications.channels.inbox import Inbox
from tracker.notifications.channels.mail import Mailer
from tracker.notifications.channels.personal import Letter
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.models import InboxMessage
from tracker.notifications.rules import Failure
from tracker.wecom_sandbox.server import RunningSandbox

TEXT = "【巡察整改提醒】编号261116-1\nT-0001 市甲局 逾期3天😀"
MEMBER, MAILBOX, NO_MAILBOX = "zhang.san", "a@example.cn", "nobody@example.cn"
SECRET = "very-secret-0123456789"
TOTAL = 0.6
IN_TIME = 3.0  # seconds: the deadline, and what a busy machine adds


class FarEnd(Protocol):
    """A way out with its far end, which can be made to misbehave."""

    unknown: str | None

    def send(self, to: str | None = None) -> Receipt: ...

    def seen(self) -> list[str]: ...

    def refuse(self) -> Failure: ...

    def go_away(self) -> None: ...

    def lose(self) -> None: ...

    def answer_too_long(self) -> None: ...

    def drip(self) -> None: ...


@dataclass
class RobotEnd:
    stack: ExitStack
    sandbox: RunningSandbox
    unknown: str | None = None  # nobody in particular is spoken to
    base: str = ""

    def send(self, to: str | None = None) -> Receipt:
        base = self.base or self.sandbox.url
        way = Way(allowed_hosts=(base,), total_seconds=TOTAL)
        return WecomRobot(way).send(f"{base}/cgi-bin/webhook/send?key={SECRET}", TEXT)

    def seen(self) -> list[str]:
        return [one["content"] for one in self.sandbox.seen(SECRET)]

    def refuse(self) -> Failure:
        self.sandbox.script_fault("40058")
        return Failure.REFUSED

    def go_away(self) -> None:
        self.sandbox.stop()

    def lose(self) -> None:
        self.sandbox.script_fault("accept_then_drop")

    def answer_too_long(self) -> None:
        body = b'{"errcode":0,"errmsg":"' + b"x" * 200_000 + b'"}'
        self.base = self.stack.enter_context(raw_host(lambda peer: peer.sendall(http(body))))

    def drip(self) -> None:
        self.base = self.stack.enter_context(raw_host(drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")))


@dataclass
class AppEnd:
    stack: ExitStack
    sandbox: RunningSandbox
    unknown: str | None = "nobody"
    tokens: Tokens = field(default_factory=Tokens)

    def __post_init__(self) -> None:
        self.sandbox.apps.remove_member("nobody")

    def send(self, to: str | None = None) -> Receipt:
        way = Way(allowed_hosts=(self.sandbox.url,), total_seconds=TOTAL)
        account = AppAccount(base=self.sandbox.url, corpid="corp", agentid=1, secret=SECRET)
        letter = Letter(to or MEMBER, TEXT, "261116-1")
        return WecomApp(way, self.tokens).send(sealable(account), letter)

    def seen(self) -> list[str]:
        return [one.content for one in self.sandbox.apps.messages()]

    def refuse(self) -> Failure:
        self.sandbox.script_fault("40058", endpoint="message")
        return Failure.REFUSED

    def go_away(self) -> None:
        self.sandbox.stop()

    def lose(self) -> None:
        self.sandbox.script_fault("accept_then_drop", endpoint="message")

    def answer_too_long(self) -> None:
        body = '{"errcode":0,"errmsg":"' + "x" * 200_000 + '"}'
        self.sandbox.script_fault("body", endpoint="message", body=body)

    def drip(self) -> None:
        self.sandbox.script_fault("drip", endpoint="message", seconds=20)


@dataclass
class MailEnd:
    stack: ExitStack
    unknown: str | None = NO_MAILBOX
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        self.server = ExitStack()
        self.port = self.server.enter_context(mail_server(self.behaviour))
        self.stack.callback(self.server.close)

    def send(self, to: str | None = None) -> Receipt:
        if to == self.unknown:
            self.behaviour.answers["RCPT"] = "550 5.1.1 no such user"
        account = MailAccount(
            host="127.0.0.1", port=self.port, security=MailSecurity.PLAIN, sender="xcb@example.cn"
        )
        way = Way(allowed_hosts=(account.place,), total_seconds=TOTAL)
        return Mailer(way).send(sealable(account), Letter(to or MAILBOX, TEXT, "261116-1"))

    def seen(self) -> list[str]:
        texts = [str(mail.get_content()) for mail in self.behaviour.mails]
        return [text.replace("\r\n", "\n").rstrip("\n") for text in texts]

    def refuse(self) -> Failure:
        self.behaviour.answers["DATA"] = "554 5.6.0 no"
        return Failure.REFUSED

    def go_away(self) -> None:
        self.server.close()

    def lose(self) -> None:
        self.behaviour.after_text = "drop"

    def answer_too_long(self) -> None:
        self.behaviour.after_text = "overlong"

    def drip(self) -> None:
        self.behaviour.after_text = "drip"


@dataclass
class InboxEnd:
    stack: ExitStack
    database: Database
    people: Cast
    clock: ManualClock
    unknown: str | None = "987654"

    def send(self, to: str | None = None) -> Receipt:
        person_id = self.people.actor("head_a").person_id
        inbox = Inbox(self.database, self.clock, lock_seconds=TOTAL)
        return inbox.send("", Letter(to or str(person_id), TEXT, "261116-1"))

    def seen(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(InboxMessage.body)))

    def refuse(self) -> Failure:
        pytest.skip("a database has nothing against a text")

    def go_away(self) -> None:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/gone"
        self.database = Database("sqlite:////gone/gone.db" if self.database.is_sqlite else url)
        self.stack.callback(self.database.dispose)

    def lose(self) -> None:
        if self.database.is_sqlite:
            pytest.skip("a file is not lost between a statement and its commit")
        cut_at_commit(self.database.engine, self.stack)

    def answer_too_long(self) -> None:
        pytest.skip("a database answers nothing to an insert")

    def drip(self) -> None:
        if self.database.is_sqlite:
            pytest.skip("SQLite's writers wait for each other, 15 s at most")
        holder = self.stack.enter_context(self.database.engine.connect())
        holder.execute(text("LOCK TABLE inbox_messages IN EXCLUSIVE MODE"))


def cut_at_commit(engine: Engine, stack: ExitStack) -> None:
    """The next commit finds that the server has ended the connection."""

    is_done: list[bool] = []

    def cut(connection: Any) -> None:
        if is_done:
            return
        is_done.append(True)
        pid = connection.connection.dbapi_connection.info.backend_pid
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    event.listen(engine, "commit", cut)
    stack.callback(event.remove, engine, "commit", cut)


@pytest.fixture(params=["robot", "app", "mail", "inbox"])
def end(
    request: pytest.FixtureRequest,
    sandbox: RunningSandbox,
    database: Database,
    people: Cast,
    clock: ManualClock,
) -> Iterator[FarEnd]:
    with ExitStack() as stack:
        ends: dict[str, Any] = {
            "robot": lambda: RobotEnd(stack, sandbox),
            "app": lambda: AppEnd(stack, sandbox),
            "mail": lambda: MailEnd(stack),
            "inbox": lambda: InboxEnd(stack, database, people, clock),
        }
        yield ends[request.param]()


def failure(end: FarEnd, to: str | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        end.send(to)
    return caught.value


def test_what_is_sent_arrives_and_has_a_receipt(end: FarEnd) -> None:
    receipt = end.send()
    assert receipt.answer
    assert end.seen() == [TEXT]


def test_a_refusal_is_a_refusal(end: FarEnd) -> None:
    kind = end.refuse()
    assert failure(end).kind is kind
    assert end.seen() == []


def test_somebody_the_far_end_does_not_know_is_told_apart(end: FarEnd) -> None:
    if end.unknown is None:
        pytest.skip("a group is no person")
    error = failure(end, end.unknown)
    assert error.kind is Failure.PERSONAL
    assert "请核对" in error.answer
    assert end.seen() == []


def test_where_nobody_listens_nothing_was_sent(end: FarEnd) -> None:
    end.go_away()
    assert failure(end).kind is Failure.UNAVAILABLE


def test_what_is_lost_after_the_text_was_given_is_uncertain(end: FarEnd) -> None:
    end.lose()
    assert failure(end).kind is Failure.UNCERTAIN


def test_an_answer_without_end_is_not_read_to_its_end(end: FarEnd) -> None:
    end.answer_too_long()
    assert failure(end).kind in (Failure.UNAVAILABLE, Failure.UNCERTAIN)


def test_a_slow_drip_holds_nobody_beyond_the_total_deadline(end: FarEnd) -> None:
    end.drip()
    began = monotonic()
    error = failure(end)
    assert monotonic() - began < IN_TIME
    assert error.kind in (Failure.UNCERTAIN, Failure.UNAVAILABLE)


def test_no_secret_and_no_address_stands_in_a_log_or_an_error(
    end: FarEnd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the server's own, not ours
    errors = []
    if end.unknown is not None:
        errors.append(failure(end, end.unknown))
    end.go_away()
    errors.append(failure(end))
    for error in errors:
        chain: BaseException | None = error
        while chain is not None:
            told = "".join(traceback.format_exception(chain, chain=False)) + repr(chain)
            for hidden in (SECRET, MEMBER, MAILBOX, NO_MAILBOX):
                assert hidden not in told
            chain = chain.__context__ or chain.__cause__
    for hidden in (SECRET, MEMBER, MAILBOX, NO_MAILBOX):
        assert hidden not in caplog.text
