"""Feedback from above, no round of ours: 34 tasks with 6 closed, 38 with 2, and what came with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tracker.demo.book import Book, spread
from tracker.demo.ledger import Chapter, add_issue, add_recipients
from tracker.demo.organizations import CITY
from tracker.demo.plans import add_plans
from tracker.demo.stories import Story
from tracker.feedback.models import Feedback
from tracker.feedback.rules import FeedbackSource
from tracker.handover.models import ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.organizations.models import Unit
from tracker.rectification.rules.words import TaskState

S = TaskState
LEADING_UNITS = slice(24, 42)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One feedback from above: who gave it, when, how the tasks stand, what was handed over."""

    source: FeedbackSource
    code: str
    title: str
    fed_back_ago: int
    stories: Sequence[Story]
    clues: int
    petitions: int


def _central() -> list[Story]:
    """Return 34 stories, 6 of them closed; the overdue ones cover every band of ageing."""
    closed = [Story(state=S.CLOSED, due_in=-20 + place, last_ago=25 + place) for place in range(6)]
    overdue = [Story(due_in=days) for days in (-3, -6, -12, -25, -45, -80, -95)]
    with_office = [Story(state=S.OFFICE_REVIEW, due_in=10, last_ago=days) for days in (1, 4, 9)]
    with_head = [Story(state=S.UNIT_CHECK, due_in=6, last_ago=days) for days in (1, 2)]
    this_week = [Story(due_in=days) for days in (0, 1, 2, 3, 4)]
    others = [
        Story(state=S.LONG_TERM, due_in=120),
        Story(due_in=25, is_extended=True),
        Story(due_in=9, is_returned=True, last_ago=3),
    ]
    later = [Story(due_in=14 + 3 * place) for place in range(8)]
    return closed + overdue + with_office + with_head + this_week + others + later


def _province() -> list[Story]:
    """Return 38 stories, 2 of them closed."""
    closed = [Story(state=S.CLOSED, due_in=20, last_ago=days) for days in (8, 15)]
    overdue = [Story(due_in=days) for days in (-1, -8)]
    with_office = [Story(state=S.OFFICE_REVIEW, due_in=12, last_ago=days) for days in (2, 6)]
    return closed + overdue + with_office + [Story(due_in=5 + 4 * place) for place in range(32)]


def visits() -> tuple[Visit, Visit]:
    """Return the two visits of the year report."""
    return (
        Visit(
            source=FeedbackSource.CENTRAL_INSPECTION,
            code="ZY",
            title="中央巡视组反馈意见",
            fed_back_ago=170,
            stories=_central(),
            clues=246,
            petitions=50,
        ),
        Visit(
            source=FeedbackSource.PROVINCE_INSPECTION,
            code="SW",
            title="省委巡视组反馈意见",
            fed_back_ago=75,
            stories=_province(),
            clues=116,
            petitions=0,
        ),
    )


def add_feedback_from_above(book: Book) -> list[Chapter]:
    """Add both visits with issues, tasks, plans and clues."""
    return [_add_visit(book, visit) for visit in visits()]


def leading_units(book: Book) -> list[Unit]:
    """Return the city's units that lead tasks from above."""
    return book.units["city"][LEADING_UNITS]


def _add_visit(book: Book, visit: Visit) -> Chapter:
    feedback = Feedback(
        region_id=book.regions[CITY].id,
        code=visit.code,
        title=visit.title,
        source=visit.source,
        fed_back_on=book.ago(visit.fed_back_ago),
        profile_id=book.profiles[CITY].id,
        **book.stamps(),
    )
    book.add([feedback])
    chapter = Chapter(book, feedback, visit.code, book.label("city-clerk"), book.label("city-lead"))
    units = leading_units(book)
    add_recipients(book, feedback, units)
    for place, story in enumerate(visit.stories):
        add_issue(chapter, [(units[place % len(units)], story)])
    add_plans(chapter)
    _add_clues(book, visit, feedback)
    return chapter


def _add_clues(book: Book, visit: Visit, feedback: Feedback) -> None:
    """Everything received with the feedback in three lots, and settled by now in five."""
    received = feedback.fed_back_on or book.today
    rows = []
    for kind, total in ((ClueKind.CLUE, visit.clues), (ClueKind.PETITION, visit.petitions)):
        for measure, lots, gap in ((ClueMeasure.RECEIVED, 3, 2), (ClueMeasure.SETTLED, 5, 12)):
            for place, amount in enumerate(spread(total, lots), start=1):
                rows.append(
                    ClueCount(
                        region_id=feedback.region_id,
                        feedback_id=feedback.id,
                        measure=measure,
                        kind=kind,
                        occurred_on=received + timedelta(days=gap * place),
                        amount=amount,
                        source_document="移交清单" if gap == 2 else "办结情况表",
                        **book.stamps(),
                    )
                )
    book.add([row for row in rows if row.amount])
