"""One of everything that is handed over: clue with detail switched on, advice, post, revisit."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tracker.handover.models import Advice, ClueGrant
from tracker.handover.queries.clues import CLUES_ON, DETAIL_ON
from tracker.handover.rules import ClueDirection, ClueKind
from tracker.handover.service.clues import ClueDraft, record_clue
from tracker.handover.service.post_changes import ChangeDraft, prepare_change
from tracker.kernel.db import born
from tracker.kernel.settings import put_setting, region_scope
from tracker.people.models import Post, PostHolding
from tracker.people.rules import PostKind
from tracker.rounds.models import Inspection, Round
from tracker.rounds.rules import RoundKind, RoundStatus


def add_handing_over(session: Session, cast: Cast, work: Work, *, now: datetime) -> None:
    """Add one row of each kind to the city's office; the clerk may open clues' detail."""
    clerk, stamps = cast.actor("clerk"), born(actor=TESTER, now=now)
    for key in (CLUES_ON, DETAIL_ON):
        put_setting(session, key, "1", by="tests", now=now, scope=region_scope(work.region_id))
    session.add(
        ClueGrant(
            user_id=cast.users["clerk"],
            region_id=work.region_id,
            from_on=date(2026, 1, 1),
            to_on=date(2027, 12, 31),
            reason="测试",
            granted_by="tests",
            **stamps,
        )
    )
    draft = ClueDraft(
        code="X-1",
        direction=ClueDirection.OUT,
        kind=ClueKind.CLUE,
        amount=3,
        counterpart="市纪委监委",
        moved_on=date(2026, 10, 1),
        round_id=work.round_id,
    )
    record_clue(session, work.region_id, draft, actor=clerk, now=now)
    session.add(
        Advice(
            region_id=work.region_id,
            addressee="市财政局",
            text="完善办法",
            issued_on=date(2026, 10, 1),
            **stamps,
        )
    )
    _change_post(session, cast, now=now)
    _look_back(session, cast, work, now=now)


def _change_post(session: Session, cast: Cast, *, now: datetime) -> None:
    stamps = born(actor=TESTER, now=now)
    post = Post(unit_id=cast.units["a"], title="党组书记", kind=PostKind.HEAD, **stamps)
    holding = PostHolding(
        post=post,
        person_id=cast.actor("head_a").person_id,
        from_on=date(2024, 1, 1),
        **stamps,
    )
    session.add(holding)
    session.flush()  # the change points at its id
    change = ChangeDraft(name="新书记", mobile=None, effective_on=date(2026, 11, 16))
    prepare_change(session, holding, change, actor=cast.actor("clerk"), now=now)


def _look_back(session: Session, cast: Cast, work: Work, *, now: datetime) -> None:
    stamps = born(actor=TESTER, now=now)
    tour = Round(
        region_id=work.region_id,
        term_id=work.term_id,
        code="R7-4",
        seq=4,
        name="第四轮“回头看”",
        kind=RoundKind.REVISIT,
        status=RoundStatus.ONSITE,
        profile_id=work.profile_id,
        **stamps,
    )
    session.add(tour)
    session.flush()  # the inspection needs its id
    session.add(
        Inspection(
            round_id=tour.id,
            unit_id=cast.units["a"],
            conducting_region_id=work.region_id,
            kind=RoundKind.REVISIT,
            onsite_start=date(2026, 11, 1),
            **stamps,
        )
    )
