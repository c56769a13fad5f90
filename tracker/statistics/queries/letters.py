"""Rows of letters, interviews and accountability of the running term, as of a day."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from tracker.dispatches.models import Dispatch
from tracker.feedback.models import Issue
from tracker.letters.models import (
    Accountability,
    Interview,
    Letter,
    LetterIssue,
    LetterTask,
)
from tracker.letters.rules.words import Held
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.statistics.queries.issues import narrowed_issues, standing
from tracker.statistics.queries.query import FigureQuery, Rows


def _in_span(query: FigureQuery, day: Any) -> ColumnElement[bool]:
    """The day lies in the region's running term and not after the day asked for."""
    return and_(query.happened(day), query.in_days_of_term(day))


def _valid(query: FigureQuery, voided_on: Any) -> ColumnElement[bool]:
    return or_(voided_on.is_(None), voided_on > query.as_of)


def _letters(query: FigureQuery, day: Any) -> ColumnElement[bool]:
    return and_(
        _in_span(query, day),
        _valid(query, Letter.voided_on),
        query.visible(region=Letter.region_id, unit=Letter.unit_id),
        Letter.signed_on.is_not(None) if _is_office(query) else Letter.sent_on <= query.as_of,
    )


def _is_office(query: FigureQuery) -> bool:
    """Whether the reader also sees what is signed and not sent: nobody bound to units."""
    return not query.is_of_units


def letters_issued(query: FigureQuery) -> Rows:
    """Return letters signed and not void, by the name of their kind."""
    return select(
        Letter.id.label("id"), literal(1).label("amount"), Letter.kind_label.label("part")
    ).where(_letters(query, Letter.signed_on))


def units_written_to(query: FigureQuery) -> Rows:
    """Return distinct units to which a letter was sent, by kind of unit."""
    rows = (
        select(Unit.id.label("id"), literal(1).label("amount"), Unit.category.label("part"))
        .join(Letter, Letter.unit_id == Unit.id)
        .where(_letters(query, Letter.sent_on))
        .distinct()
    )
    return rows if query.category is None else rows.where(Unit.category == query.category)


def issues_urged(query: FigureQuery) -> Rows:
    """Return distinct issues a sent letter is about, itself or one of its tasks."""
    rows = select(Issue.id.label("id"), literal(1).label("amount"), Issue.nature.label("part"))
    return narrowed_issues(query, rows.where(_is_urged(query, Issue.id)))


def _is_urged(query: FigureQuery, issue_id: Any) -> ColumnElement[bool]:
    sent = _letters(query, Letter.sent_on)
    named = select(LetterIssue.issue_id).join(Letter, Letter.id == LetterIssue.letter_id)
    urged = aliased(Task)
    tasked = (
        select(urged.issue_id)
        .join(LetterTask, LetterTask.task_id == urged.id)
        .join(Letter, Letter.id == LetterTask.letter_id)
    )
    return or_(issue_id.in_(named.where(sent)), issue_id.in_(tasked.where(sent)))


def issues_urged_closed(query: FigureQuery) -> Rows:
    """Return those of `issues_urged` that are closed on the day."""
    stands = standing(query, of=_is_urged(query, Task.issue_id))
    rows = issues_urged(query).join(stands, stands.c.issue_id == Issue.id)
    return rows.where(stands.c.closed > 0, stands.c.still_open == 0)


def persons_interviewed(*, heads_only: bool) -> Callable[[FigureQuery], Rows]:
    """Return distinct persons talked to: one row each, the first talk in the span."""

    def rows(query: FigureQuery) -> Rows:
        chosen = (
            select(
                func.min(Interview.id).label("id"),
                literal(1).label("amount"),
                literal(None).label("part"),
            )
            .where(
                _in_span(query, Interview.held_on),
                _valid(query, Interview.voided_on),
                query.visible(region=Interview.region_id, unit=Interview.unit_id),
            )
            .group_by(Interview.person_id)
        )
        return chosen.where(Interview.is_head) if heads_only else chosen

    return rows


def dispatches_sent(query: FigureQuery) -> Rows:
    """Return sendings upward that are registered and not void."""
    return select(
        Dispatch.id.label("id"), literal(1).label("amount"), literal(None).label("part")
    ).where(
        Dispatch.region_id == query.region_id,
        _in_span(query, Dispatch.sent_on),
        _valid(query, Dispatch.voided_on),
    )


def organs_held(query: FigureQuery) -> Rows:
    """Return distinct organisations held accountable: one row each, the first decision."""
    return (
        select(
            func.min(Accountability.id).label("id"),
            literal(1).label("amount"),
            literal(None).label("part"),
        )
        .where(_decided(query), Accountability.held == Held.ORGAN)
        .group_by(Accountability.unit_id, Accountability.organ_name)
    )


def persons_held(query: FigureQuery) -> Rows:
    """Return decisions about persons, by form: 人次, so each counts."""
    return select(
        Accountability.id.label("id"),
        literal(1).label("amount"),
        Accountability.form_label.label("part"),
    ).where(_decided(query), Accountability.held == Held.PERSON)


def _decided(query: FigureQuery) -> ColumnElement[bool]:
    return and_(
        _in_span(query, Accountability.decided_on),
        _valid(query, Accountability.voided_on),
        query.visible(region=Accountability.region_id, unit=Accountability.unit_id),
    )
