"""What is handed over: clues moved out, a change of post that waits for its receipt, a revisit."""

from datetime import timedelta

from sqlalchemy import select

from tracker.demo.book import Book
from tracker.demo.organizations import CITY, COUNTY
from tracker.feedback.revisits import Judgement, former_issues, judge
from tracker.feedback.rules import Verdict
from tracker.handover.models import Clue, ClueCount
from tracker.handover.queries.clues import CLUES_ON
from tracker.handover.rules import ClueDirection, ClueKind, ClueMeasure, Disposal, reply_due
from tracker.handover.service.post_changes import ChangeDraft, confirm_change, prepare_change
from tracker.kernel.settings import put_setting, region_scope
from tracker.people.models import Post, PostHolding
from tracker.people.rules import PostKind
from tracker.people.service import actor_of
from tracker.rounds.models import Inspection, Round
from tracker.rounds.rules import RoundKind, RoundStatus
from tracker.workdays.queries import load_calendar

ANSWERED = 6
SHOWN = 10
CHANGED_UNIT = "S033"


def add_handing_over(book: Book) -> None:
    """Switch the city's clue module on, give its newest transfers an entry, let a post pass."""
    city = book.regions[CITY]
    put_setting(
        book.session,
        CLUES_ON,
        "1",
        by=book.label("security"),
        now=book.now,
        scope=region_scope(city.id),
    )
    _add_clues(book, city.id)
    _change_post(book)
    _look_back(book)


def _add_clues(book: Book, region_id: int) -> None:
    calendar = load_calendar(book.session)
    query = (
        select(ClueCount)
        .where(ClueCount.region_id == region_id, ClueCount.measure == ClueMeasure.TRANSFERRED)
        .order_by(ClueCount.occurred_on.desc(), ClueCount.id)
        .limit(SHOWN)
    )
    counts = list(book.session.scalars(query))
    for place, count in enumerate(reversed(counts), start=1):
        is_answered = place <= ANSWERED
        answered_on = count.occurred_on + timedelta(days=60 + place)
        count.clue = Clue(
            region_id=region_id,
            code=f"YJ-{place:03d}",
            direction=ClueDirection.OUT,
            kind=ClueKind.CLUE,
            round_id=count.round_id,
            inspection_id=count.inspection_id,
            amount=count.amount,
            counterpart="市纪委监委案件监督管理室",
            moved_on=count.occurred_on,
            reply_due=reply_due(count.occurred_on, calendar),
            replied_on=min(answered_on, book.today) if is_answered else None,
            disposal=Disposal.VERIFY if is_answered else None,
            **book.stamps(count.occurred_on),
        )
    book.session.flush()  # pages read what was written


def _change_post(book: Book) -> None:
    """A head has left; the list waits for the one who came."""
    clerk = actor_of(book.users["city-clerk"])
    query = select(PostHolding).join(PostHolding.post).join(Post.unit)
    holding = next(
        row
        for row in book.session.scalars(query.where(Post.kind == PostKind.HEAD))
        if row.post.unit.code == CHANGED_UNIT
    )
    arriving = book.person(book.regions[CITY])
    book.add([arriving])
    draft = ChangeDraft(
        name=arriving.name,
        mobile=arriving.mobile,
        effective_on=book.ago(3),
        note="云组干〔示例〕12号",
    )
    change = prepare_change(book.session, holding, draft, actor=clerk, now=book.now)
    confirm_change(book.session, change, (), actor=clerk, now=book.now)


def _look_back(book: Book) -> None:
    """The county has gone back to a unit of its third round: two of its issues are judged."""
    third = book.rounds[f"{COUNTY}/3"]
    tour = Round(
        region_id=third.region_id,
        term_id=third.term_id,
        code="7-4",
        seq=4,
        name="七届县委第四轮巡察（“回头看”）",
        kind=RoundKind.REVISIT,
        status=RoundStatus.ONSITE,
        profile_id=third.profile_id,
        **book.stamps(),
    )
    book.add([tour])
    inspection = Inspection(
        round_id=tour.id,
        unit_id=book.inspections[f"{COUNTY}/3"][0].unit_id,
        conducting_region_id=third.region_id,
        kind=RoundKind.REVISIT,
        counts_for_coverage=False,
        onsite_start=book.ago(7),
        **book.stamps(),
    )
    book.add([inspection])
    clerk = actor_of(book.users["county-clerk"])
    formers = former_issues(book.session, inspection, actor=clerk)
    verdicts = (
        Judgement(verdict=Verdict.SETTLED, text=None, judged_on=book.ago(2)),
        Judgement(
            verdict=Verdict.RELAPSED,
            text="抽查近两个月台账，同类情况再次发生。",
            judged_on=book.ago(1),
        ),
    )
    for former, judgement in zip(formers, verdicts, strict=False):
        judge(book.session, inspection, former.issue, judgement, actor=clerk, now=book.now)
