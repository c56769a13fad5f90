"""整改方案 of each unit: one document per feedback and unit, with the events that move the court."""

from collections.abc import Iterable

from sqlalchemy import select

from tracker.demo.book import Book
from tracker.demo.ledger import Chapter
from tracker.rectification.models import (
    DocumentEvent,
    DocumentSignature,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    SignatureWay,
)
from tracker.workdays.rules import add_months_clamped

PLEDGE = "本方案已经党组织集体研究，本人对整改工作负总责。"


def add_plans(chapter: Chapter) -> None:
    """Add the plan of every unit that has tasks; how far it is follows from its tasks."""
    by_unit: dict[int, list[Task]] = {}
    for task in chapter.tasks:
        by_unit.setdefault(task.lead_unit_id, []).append(task)
    for unit_id, tasks in by_unit.items():
        if not all(task.is_historic for task in tasks):
            _add_plan(chapter, unit_id, tasks)


def _add_plan(chapter: Chapter, unit_id: int, tasks: list[Task]) -> None:
    book, staff = chapter.book, chapter.book.staff[unit_id]
    days = {
        row.verb: row.occurred_on
        for row in book.session.scalars(
            select(TaskTransition).where(TaskTransition.task_id == tasks[0].id)
        )
    }
    submitted, passed = days.get(Verb.SUBMIT_PLAN.value), days.get(Verb.PASS_PLAN.value)
    plan = UnitDocument(
        feedback_id=chapter.feedback.id,
        unit_id=unit_id,
        kind=DocumentKind.PLAN,
        due_on=add_months_clamped(chapter.fed_back_on, 1),
        submitted_on=submitted,
        signed_on=submitted,
        passed_on=passed,
        **book.stamps(chapter.fed_back_on),
    )
    book.add([plan])
    liaison = staff.liaison.name if staff.has_sign_in else chapter.clerk
    events = (
        (DocumentEventKind.SUBMITTED, submitted, liaison),
        (DocumentEventKind.SIGNED, submitted, staff.head.name),
        (DocumentEventKind.PASSED, passed, chapter.lead),
    )
    for kind, day, actor in events:
        if day is not None:
            _add_event(book, plan, kind, actor)


def _add_event(book: Book, plan: UnitDocument, kind: DocumentEventKind, actor: str) -> None:
    day = (plan.passed_on if kind is DocumentEventKind.PASSED else plan.submitted_on) or book.today
    book.add(
        [
            DocumentEvent(
                document_id=plan.id,
                kind=kind,
                occurred_on=day,
                recorded_at=book.at(day),
                actor=actor,
            )
        ]
    )
    if kind is DocumentEventKind.SIGNED:
        book.session.add(
            DocumentSignature(
                document_id=plan.id,
                way=SignatureWay.ONLINE,
                signed_at=book.at(day),
                signed_by=actor,
                pledge=PLEDGE,
            )
        )


def submit_unsigned(chapter: Chapter, unit_ids: Iterable[int]) -> None:
    """Let units have submitted their plan yesterday; it waits for the head's signature."""
    book = chapter.book
    query = select(UnitDocument).where(
        UnitDocument.feedback_id == chapter.feedback.id, UnitDocument.unit_id.in_(list(unit_ids))
    )
    for plan in book.session.scalars(query):
        plan.submitted_on = book.ago(1)
        _add_event(book, plan, DocumentEventKind.SUBMITTED, book.staff[plan.unit_id].liaison.name)
