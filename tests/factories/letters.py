"""Letters of the tests, walked to a state through the product's own steps."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tracker.files.storage import FileStorage
from tracker.kernel.clock import local_date
from tracker.letters.models import Accountability, Interview, Letter
from tracker.letters.rules.letters import LetterState
from tracker.letters.rules.words import Held
from tracker.letters.service import recording, replying, signing, writing
from tracker.letters.service.writing import LetterText

S = LetterState
TO = {
    S.DRAFT: (),
    S.DISCARDED: ("discard",),
    S.SIGNED: ("sign",),
    S.SENT: ("sign", "send"),
    S.RECEIVED: ("sign", "send", "receive"),
    S.REPLIED: ("sign", "send", "receive", "reply"),
    S.RETURNED: ("sign", "send", "receive", "reply", "return"),
    S.ACCEPTED: ("sign", "send", "receive", "reply", "accept"),
    S.VOID: ("sign", "send", "void"),
}


def make_letter(
    session: Session,
    people: Cast,
    folder: Path,
    *,
    now: datetime,
    state: LetterState = S.DRAFT,
    unit: str = "a",
    kind: str = "supervision",
    office: str = "",
    needs_reply: bool = True,
    reply_due: date | None = date(2026, 12, 10),
    **about: Any,
) -> Letter:
    """Write a letter of the city's office (or `office`, as in "east_") and take it to a state."""
    clerk, lead = people.actor(f"{office}clerk"), people.actor(f"{office}lead")
    text = LetterText(
        title="关于巡察整改任务的督办函",
        body="请逐项整改。",
        needs_reply=needs_reply,
        reply_due=reply_due,
        **about,
    )
    letter = writing.draft_letter(
        session, clerk.region_id or 0, people.units[unit], kind, text, actor=clerk, now=now
    )
    steps: dict[str, Callable[[], object]] = {
        "discard": lambda: writing.discard_letter(session, letter, actor=clerk, now=now),
        "sign": lambda: signing.sign_letter(
            session, letter, FileStorage(folder), actor=lead, now=now
        ),
        "send": lambda: signing.send_letter(session, letter, actor=clerk, now=now),
        "receive": lambda: replying.receive_letter(session, letter, actor=clerk, now=now),
        "reply": lambda: replying.reply_to_letter(
            session, letter, "已按要求整改。", None, actor=clerk, now=now
        ),
        "accept": lambda: replying.accept_reply(session, letter, actor=clerk, now=now),
        "return": lambda: replying.return_reply(
            session, letter, "未说明完成时间", actor=clerk, now=now
        ),
        "void": lambda: signing.void_letter(session, letter, "重复制发", actor=lead, now=now),
    }
    for step in TO[state]:
        steps[step]()
        session.flush()  # the next step claims the row by its version
    return letter


def make_records(
    session: Session, people: Cast, *, now: datetime
) -> tuple[Interview, Accountability]:
    """Register a talk with 赵一, head of unit a, and a decision about 孙二 of the same unit."""
    clerk = people.actor("clerk")
    where = (clerk.region_id or 0, people.units["a"])
    talk = recording.InterviewFacts(
        person_name="赵一",
        post_title="局长",
        is_head=True,
        held_on=local_date(now),
        interviewer="主任",
        reason="滞后",
    )
    decision = recording.AccountabilityFacts(
        held=Held.PERSON,
        name="孙二",
        post_title="副局长",
        form_code="admonish",
        decided_on=local_date(now),
        basis="整改不力",
    )
    return (
        recording.register_interview(session, *where, talk, None, actor=clerk, now=now),
        recording.register_accountability(session, *where, decision, actor=clerk, now=now),
    )
