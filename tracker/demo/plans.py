"""整改方案 of each unit: one document per feedback and unit, with the events that move the court."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from tracker.demo.book import Book
from tracker.demo.histories import add_histories
from tracker.demo.ledger import Chapter, Told
from tracker.rectification.models import (
    DocumentEvent,
    DocumentSignature,
    UnitDocument,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    SignatureWay,
)
from tracker.rectification.service.plan_texts import keep_submission, submissions_of
from tracker.rectification.service.planning import tasks_of_plan
from tracker.workdays.rules import add_months_clamped

PLEDGE = "本方案已经党组织集体研究，本人对整改工作负总责。"


def add_plans(chapter: Chapter) -> None:
    """Write the histories, and the plan of every unit; how far it is follows from its tasks."""
    add_histories(chapter)
    first: dict[int, Told] = {}
    for told in chapter.told:
        if not told.story.is_historic:
            first.setdefault(told.unit.id, told)
    plans = [(told, _plan(chapter, told)) for told in first.values()]
    chapter.book.add([plan for _told, plan in plans])
    for told, plan in plans:
        staff = chapter.book.staff[told.unit.id]
        liaison = staff.liaison.name if staff.has_sign_in else chapter.clerk
        for kind, day, actor in (
            (DocumentEventKind.SUBMITTED, plan.submitted_on, liaison),
            (DocumentEventKind.SIGNED, plan.signed_on, staff.head.name),
            (DocumentEventKind.PASSED, plan.passed_on, chapter.lead),
        ):
            if day is not None:
                _add_event(chapter.book, plan, kind, day, actor)


def _plan(chapter: Chapter, told: Told) -> UnitDocument:
    submitted = told.day_of(Verb.SIGN_PLAN)
    return UnitDocument(
        feedback_id=chapter.feedback.id,
        unit_id=told.unit.id,
        kind=DocumentKind.PLAN,
        due_on=add_months_clamped(chapter.fed_back_on, 1),
        submitted_on=submitted,
        signed_on=submitted,
        passed_on=told.day_of(Verb.PASS_PLAN),
        **chapter.book.stamps(chapter.fed_back_on),
    )


def _add_event(
    book: Book, plan: UnitDocument, kind: DocumentEventKind, day: date, actor: str
) -> None:
    event = DocumentEvent(
        document_id=plan.id,
        kind=kind,
        occurred_on=day,
        recorded_at=book.at(day),
        actor=actor,
    )
    book.session.add(event)
    if kind is DocumentEventKind.SUBMITTED:
        book.session.flush()  # the kept text names the event
        tasks = tasks_of_plan(book.session, plan)
        keep_submission(book.session, plan, event, tasks, now=book.at(day))
    if kind is DocumentEventKind.SIGNED:
        book.session.add(
            DocumentSignature(
                document_id=plan.id,
                way=SignatureWay.ONLINE,
                signed_at=book.at(day),
                signed_by=actor,
                pledge=PLEDGE,
                sha256=submissions_of(book.session, plan)[-1].sha256,
            )
        )


def submit_unsigned(chapter: Chapter, unit_ids: Iterable[int]) -> None:
    """Let units have submitted their plan yesterday; it waits for the head's signature."""
    book = chapter.book
    query = select(UnitDocument).where(
        UnitDocument.feedback_id == chapter.feedback.id, UnitDocument.unit_id.in_(list(unit_ids))
    )
    for plan in book.session.scalars(query):
        day = plan.submitted_on = book.ago(1)
        liaison = book.staff[plan.unit_id].liaison.name
        _add_event(book, plan, DocumentEventKind.SUBMITTED, day, liaison)
