"""What the county's office looked into itself: a spot check, a visit, two assessments."""

from decimal import Decimal

from tracker.demo.book import Book
from tracker.demo.ledger import Chapter
from tracker.demo.organizations import COUNTY
from tracker.letters.models import SpotCheck
from tracker.letters.queries.spot_checks import Wanted
from tracker.letters.rules.sampling import SizeKind
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.letters.service.assessment_sheets import DEFAULT, add_template
from tracker.letters.service.assessments import (
    Marks,
    begin_assessment,
    confirm_assessment,
    score_assessment,
)
from tracker.letters.service.spot_checks import DrawOrder, OutcomeDraft, draw_sample, note_outcome
from tracker.letters.service.visits import VisitDraft, add_finding, record_visit
from tracker.people.service import actor_of

# of each assessed unit: scores of the shipped sheet, and votes from very satisfied on
ASSESSED = (
    ((95, 92, 90), (22, 8, 3, 0, 1)),
    ((70, 62, 58), (4, 9, 14, 6, 5)),
)


def add_oversight(book: Book, chapter: Chapter) -> None:
    """Draw from the county's closed tasks, visit two units, assess two."""
    _add_spot_check(book)
    _add_visit(book, chapter)
    _add_assessments(book, chapter)


def _add_spot_check(book: Book) -> None:
    clerk = actor_of(book.users["county-clerk"])
    region_id = book.regions[COUNTY].id
    order = DrawOrder(
        wanted=Wanted(closed_from=book.ago(90), closed_to=book.ago(6)),
        size_kind=SizeKind.NUMBER,
        size_value=4,
        seed="2026-08-15",
    )
    check = draw_sample(book.session, region_id, order, actor=clerk, now=book.at(book.ago(5)))
    _note_outcomes(book, check)


def _note_outcomes(book: Book, check: SpotCheck) -> None:
    found = (
        (CheckOutcome.PASSED, "制度已执行，台账与实物相符。"),
        (CheckOutcome.FAILED, "专项自查只有方案，没有结果，问题未真正解决。"),
    )
    clerk, day = actor_of(book.users["county-clerk"]), book.ago(2)
    for item, (outcome, findings) in zip(check.items, found, strict=False):
        draft = OutcomeDraft(
            outcome=outcome,
            findings=findings,
            checked_on=day,
            proposes_reopening=outcome is CheckOutcome.FAILED,
        )
        note_outcome(book.session, item, draft, actor=clerk, now=book.at(day))


def _add_visit(book: Book, chapter: Chapter) -> None:
    clerk, day = actor_of(book.users["county-clerk"]), book.ago(8)
    open_tasks = [told for told in chapter.told if told.task.closed_on is None and told.has_plan]
    first = open_tasks[0]
    second = next(told for told in open_tasks if told.unit.id != first.unit.id)
    draft = VisitDraft(
        visited_on=day,
        leader=book.users["county-leader"].person.name,
        members="县委巡察办、县纪委监委有关同志",
        unit_ids=(first.unit.id, second.unit.id),
        text="实地查看台账和现场，随机访谈干部群众。总体推进有力，个别措施落实不到底。",
    )
    now = book.at(day)
    visit = record_visit(book.session, chapter.feedback.region_id, draft, actor=clerk, now=now)
    for told, text in (
        (first, "措施停留在发文，没有看到执行记录，请本月内补齐。"),
        (second, "整改较为扎实，可以总结做法。"),
    ):
        add_finding(
            book.session,
            visit,
            told.unit.id,
            text,
            task_no=told.task.task_no,
            actor=clerk,
            now=now,
        )


def _add_assessments(book: Book, chapter: Chapter) -> None:
    clerk, lead = actor_of(book.users["county-clerk"]), actor_of(book.users["county-lead"])
    region_id = chapter.feedback.region_id
    sheet = add_template(book.session, region_id, DEFAULT, actor=lead, now=book.now)
    units = list({told.unit.id: told.unit for told in chapter.told}.values())
    day = book.ago(4)
    for unit, (scores, votes) in zip(units[1:], ASSESSED, strict=False):
        one = begin_assessment(
            book.session, chapter.feedback, unit.id, sheet, day, actor=clerk, now=book.at(day)
        )
        marks = Marks(scores=[Decimal(score) for score in scores], votes=votes)
        score_assessment(book.session, one, marks, actor=clerk, now=book.at(day))
        confirm_assessment(book.session, one, actor=lead, now=book.at(book.ago(3)))
