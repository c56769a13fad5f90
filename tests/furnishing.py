"""Rows that the demonstration lacks, put beside it for the walk through every route."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.letters import make_letter, make_records
from tracker.handover.models import Advice, ClueGrant
from tracker.handover.queries.clues import DETAIL_ON
from tracker.kernel.db import born
from tracker.kernel.permissions import Role
from tracker.kernel.settings import put_setting, region_scope
from tracker.letters.queries.spot_checks import Wanted
from tracker.letters.rules.letters import LetterState
from tracker.letters.rules.sampling import SizeKind
from tracker.letters.service.spot_checks import DrawOrder, draw_sample
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import Task

DRAW = DrawOrder(
    wanted=Wanted(
        closed_from=date(2020, 1, 1),
        closed_to=date(2026, 12, 31),
        round_id=None,
        with_historic=True,
    ),
    size_kind=SizeKind.NUMBER,
    size_value=1,
    seed="1",
)


def furnish(session: Session, folder: Path, *, now: datetime) -> dict[str, int]:
    """Add a letter with its reply, a talk, a decision, an advice; open clues' detail to an office."""
    clerk, lead, leader, liaison = (
        _first(session, role)
        for role in (Role.OFFICE_CLERK, Role.OFFICE_LEAD, Role.LEADER, Role.UNIT_LIAISON)
    )
    region_id = clerk.region_id or 0
    cast = Cast(
        units={"a": liaison.unit_id or 0},
        _actors={"clerk": actor_of(clerk), "lead": actor_of(lead)},
    )
    letter = make_letter(session, cast, folder, now=now, state=LetterState.REPLIED)
    talk, decision = make_records(session, cast, now=now)
    stamps: dict[str, Any] = born(actor=TESTER, now=now)
    advice = Advice(
        region_id=region_id,
        addressee="市财政局",
        text="完善办法",
        issued_on=date(2026, 10, 1),
        **stamps,
    )
    session.add(advice)
    put_setting(session, DETAIL_ON, "1", by="tests", now=now, scope=region_scope(region_id))
    session.add_all(
        ClueGrant(
            user_id=user.id,
            region_id=region_id,
            from_on=date(2026, 1, 1),
            to_on=date(2027, 12, 31),
            reason="测试",
            granted_by="tests",
            **stamps,
        )
        for user in (clerk, lead, leader)
    )
    check = draw_sample(session, region_id, DRAW, actor=actor_of(clerk), now=now)
    session.flush()  # the ids are wanted
    return {
        "accountabilities": decision.id,
        "advices": advice.id,
        "interviews": talk.id,
        "letter_replies": letter.replies[0].id,
        "letters": letter.id,
        "rounds": _round_with_tasks(session, region_id),
        "spot_check_items": check.items[0].id,
        "spot_checks": check.id,
    }


def _first(session: Session, role: Role) -> User:
    query = select(User).where(User.role == role).order_by(User.id).limit(1)
    return session.scalars(query).one()


def _round_with_tasks(session: Session, region_id: int) -> int:
    query = select(Task.round_id).where(Task.region_id == region_id, Task.round_id.is_not(None))
    return session.scalars(query.limit(1)).one() or 0
