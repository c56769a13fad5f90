"""The city's four rounds of the seventh term: 41 departments and 25 towns, the last just fed back."""

from tracker.demo.book import Book
from tracker.demo.ledger import Chapter, add_issue, add_recipients
from tracker.demo.organizations import CITY
from tracker.demo.plans import add_plans, submit_unsigned
from tracker.demo.stories import Story
from tracker.demo.tours import Tour, add_milestones, add_round
from tracker.feedback.models import Feedback
from tracker.feedback.rules import FeedbackSource
from tracker.organizations.models import Unit
from tracker.rectification.rules.words import TaskKind, TaskState
from tracker.rounds.models import Inspection
from tracker.rounds.rules import RoundKind, RoundMode, RoundStatus

S = TaskState
# departments, towns, days since the on-site work ended, batches
SIZES = ((11, 6, 1000, 2), (10, 6, 640, 2), (10, 7, 335, 1), (10, 6, 55, 1))
NUMERALS = "一二三四"
THIRD_AGO, FOURTH_AGO = 300, 20
STAGES = (
    *(Story(state=S.ISSUED, due_in=150),) * 3,
    *(Story(state=S.PLANNING, due_in=150),) * 6,
    *(Story(state=S.PLAN_REVIEW, due_in=140),) * 3,
    *(Story(state=S.IN_PROGRESS, due_in=130),) * 4,
)


def visited_units(book: Book) -> list[Unit]:
    """Return departments and towns in the order in which the rounds take them."""
    departments = book.units["city"][24:65]
    return departments + book.units["towns"][:25]


def add_city_rounds(book: Book) -> list[Chapter]:
    """Add the four rounds; the third has its old ledger, the fourth its plans under way."""
    departments, towns = book.units["city"][24:65], book.units["towns"][:25]
    at_department = at_town = 0
    for seq, (of_departments, of_towns, ended, batches) in enumerate(SIZES, start=1):
        units = (
            departments[at_department : at_department + of_departments]
            + towns[at_town : at_town + of_towns]
        )
        at_department, at_town = at_department + of_departments, at_town + of_towns
        tour = Tour(
            region=CITY,
            seq=seq,
            units=units,
            ended_ago=ended,
            batches=batches,
            status=RoundStatus.ARCHIVED if seq < 3 else RoundStatus.RECTIFYING,
            modes=(RoundMode.JOINT,) if seq == 4 else (),
        )
        add_round(book, tour, name=f"七届市委第{NUMERALS[seq - 1]}轮巡察")
    _add_revisit(book)
    return [_third(book), _fourth(book)]


def _add_revisit(book: Book) -> None:
    """“回头看” in the fourth round at a unit of the first: one object still, no coverage."""
    first, fourth = book.inspections[f"{CITY}/1"][0], book.inspections[f"{CITY}/4"][0]
    book.add(
        [
            Inspection(
                round_id=fourth.round_id,
                unit_id=first.unit_id,
                batch_id=fourth.batch_id,
                team_id=fourth.team_id,
                conducting_region_id=fourth.conducting_region_id,
                kind=RoundKind.REVISIT,
                counts_for_coverage=False,
                onsite_start=fourth.onsite_start,
                onsite_end=fourth.onsite_end,
                **book.stamps(),
            )
        ]
    )


def _chapter(book: Book, seq: int, fed_back_ago: int) -> Chapter:
    row = book.rounds[f"{CITY}/{seq}"]
    feedback = Feedback(
        region_id=row.region_id,
        code=f"7-{seq}",
        title=f"{row.name}反馈意见",
        source=FeedbackSource.CITY_INSPECTION,
        round_id=row.id,
        fed_back_on=book.ago(fed_back_ago),
        profile_id=row.profile_id,
        **book.stamps(),
    )
    book.add([feedback])
    inspections = book.inspections[f"{CITY}/{seq}"]
    add_milestones(book, inspections, fed_back_ago)
    add_recipients(book, feedback, [inspection.unit for inspection in inspections])
    return Chapter(book, feedback, f"7-{seq}", book.label("city-clerk"), book.label("city-lead"))


def _third(book: Book) -> Chapter:
    """The third round came from last year's ledger: 22 closed rows, 2 long overdue."""
    chapter = _chapter(book, 3, THIRD_AGO)
    inspections = book.inspections[f"{CITY}/3"]
    for place in range(24):
        inspection = inspections[place % len(inspections)]
        story = (
            Story(state=S.CLOSED, due_in=-130, last_ago=135 + place, is_historic=True)
            if place < 22
            else Story(due_in=-100 - place)
        )
        add_issue(chapter, [(inspection.unit, story)], inspection_id=inspection.id)
    add_plans(chapter)
    return chapter


def _fourth(book: Book) -> Chapter:
    """The fourth round was fed back three weeks ago: every stage of the plan is to be seen."""
    chapter = _chapter(book, 4, FOURTH_AGO)
    inspections = book.inspections[f"{CITY}/4"]
    for inspection, story in zip(inspections, STAGES, strict=True):
        for _issue in range(2):
            add_issue(chapter, [(inspection.unit, story)], inspection_id=inspection.id)
    quick = Story(kind=TaskKind.IMMEDIATE, due_in=4)
    last = inspections[-1]
    add_issue(chapter, [(last.unit, quick)], inspection_id=last.id, is_immediate=True)
    add_plans(chapter)
    submit_unsigned(chapter, [inspection.unit_id for inspection in inspections[7:9]])
    return chapter
