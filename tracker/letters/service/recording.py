"""Register interviews (约谈) and accountability (问责); correct them; declare one void."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.letters.models import Accountability, Assessment, Interview, Letter
from tracker.letters.queries.assessments import get_assessment
from tracker.letters.queries.letters import get_letter
from tracker.letters.queries.subjects import chosen_issues, chosen_tasks, get_addressee
from tracker.letters.queries.words import forms_of
from tracker.letters.rules.words import Held
from tracker.organizations.models import Unit
from tracker.organizations.scope import ensure_conducts
from tracker.people.directory import person_named
from tracker.people.models import Person

Kept = TypeVar("Kept", Interview, Accountability)


@dataclass(frozen=True, kw_only=True)
class InterviewFacts:
    """What is registered of one talk."""

    person_name: str
    post_title: str
    is_head: bool
    held_on: date
    interviewer: str
    reason: str
    text: str = ""
    task_ids: tuple[int, ...] = ()
    issue_ids: tuple[int, ...] = ()
    assessment_id: int | None = None
    letter_id: int | None = None


def register_interview(
    session: Session,
    region_id: int,
    unit_id: int,
    facts: InterviewFacts,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> Interview:
    """登记约谈 with a person of a unit."""
    _ensure_may(actor, Permission.INTERVIEW_EDIT, region_id)
    unit = get_addressee(session, unit_id, region_id, today=local_date(now))
    interview = Interview(region_id=region_id, unit=unit, unit_id=unit.id)
    for name, value in born(actor=actor, now=now).items():
        setattr(interview, name, value)
    assessment = _assessment(session, facts.assessment_id, unit, actor=actor)
    letter = _letter(session, facts.letter_id, unit, actor=actor)
    _check_talk(facts.held_on, assessment, now)
    _write_interview(session, interview, facts, file, actor=actor, now=now)
    session.add(interview)
    interview.assessment, interview.letter = assessment, letter
    _note(session, interview, "interview_registered", actor=actor, now=now)
    return interview


def edit_interview(
    session: Session,
    interview: Interview,
    facts: InterviewFacts,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Correct what was registered; the trail keeps that it was."""
    _ensure_may(actor, Permission.INTERVIEW_EDIT, interview.region_id)
    _ensure_valid(interview)
    _check_talk(facts.held_on, interview.assessment, now)
    _write_interview(session, interview, facts, file, actor=actor, now=now)
    touch(interview, actor=actor, now=now)
    _note(session, interview, "interview_edited", actor=actor, now=now)


def _write_interview(
    session: Session,
    interview: Interview,
    facts: InterviewFacts,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if not all(
        text.strip()
        for text in (facts.person_name, facts.post_title, facts.interviewer, facts.reason)
    ):
        raise DomainError("请填写被约谈人、职务、约谈人和约谈事由。")
    interview.person = _person(session, interview.unit, facts.person_name, actor=actor, now=now)
    interview.post_title, interview.is_head = facts.post_title.strip(), facts.is_head
    interview.held_on, interview.interviewer = facts.held_on, facts.interviewer.strip()
    interview.reason, interview.text = facts.reason.strip(), facts.text.strip() or None
    if file is not None:
        interview.file = file
    where = (interview.unit_id, interview.region_id)
    interview.tasks = chosen_tasks(session, facts.task_ids, *where, actor=actor)
    interview.issues = chosen_issues(session, facts.issue_ids, *where, actor=actor)


@dataclass(frozen=True, kw_only=True)
class AccountabilityFacts:
    """What is registered of one decision: `name` is the organisation's or the person's."""

    held: Held
    name: str
    post_title: str
    form_code: str
    decided_on: date
    basis: str
    document_no: str = ""
    task_ids: tuple[int, ...] = ()


def register_accountability(
    session: Session,
    region_id: int,
    unit_id: int,
    facts: AccountabilityFacts,
    *,
    actor: Actor,
    now: datetime,
) -> Accountability:
    """登记问责: one decision about one organisation or one person."""
    _ensure_may(actor, Permission.ACCOUNTABILITY_EDIT, region_id)
    unit = get_addressee(session, unit_id, region_id, today=local_date(now))
    decision = Accountability(region_id=region_id, unit=unit, unit_id=unit.id)
    for name, value in born(actor=actor, now=now).items():
        setattr(decision, name, value)
    _write_accountability(session, decision, facts, actor=actor, now=now)
    session.add(decision)
    _note(session, decision, "accountability_registered", actor=actor, now=now)
    return decision


def edit_accountability(
    session: Session,
    decision: Accountability,
    facts: AccountabilityFacts,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Correct what was registered; the trail keeps that it was."""
    _ensure_may(actor, Permission.ACCOUNTABILITY_EDIT, decision.region_id)
    _ensure_valid(decision)
    _write_accountability(session, decision, facts, actor=actor, now=now)
    touch(decision, actor=actor, now=now)
    _note(session, decision, "accountability_edited", actor=actor, now=now)


def _write_accountability(
    session: Session,
    decision: Accountability,
    facts: AccountabilityFacts,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    _check_day(facts.decided_on, "问责决定", now)
    if not facts.name.strip() or not facts.basis.strip():
        raise DomainError("请填写问责对象和问责依据。")
    form = forms_of(session, decision.region_id, facts.held).get(facts.form_code)
    if form is None and (decision.held, decision.form_code) != (facts.held, facts.form_code):
        raise DomainError(f"“{facts.held.label}”没有这种问责方式，请重新选择。")
    is_person = facts.held is Held.PERSON
    decision.held, decision.form_code = facts.held, facts.form_code
    decision.form_label = form or decision.form_label
    decision.organ_name = None if is_person else facts.name.strip()
    decision.person = (
        _person(session, decision.unit, facts.name, actor=actor, now=now) if is_person else None
    )
    decision.post_title = (facts.post_title.strip() or None) if is_person else None
    decision.decided_on, decision.basis = facts.decided_on, facts.basis.strip()
    decision.document_no = facts.document_no.strip() or None
    where = (decision.unit_id, decision.region_id)
    decision.tasks = chosen_tasks(session, facts.task_ids, *where, actor=actor)


def void_record(session: Session, kept: Kept, reason: str, *, actor: Actor, now: datetime) -> None:
    """作废 a record that was typed in error: it stays readable and counts no longer."""
    permission = (
        Permission.INTERVIEW_EDIT if isinstance(kept, Interview) else Permission.ACCOUNTABILITY_EDIT
    )
    _ensure_may(actor, permission, kept.region_id)
    _ensure_valid(kept)
    if not reason.strip():
        raise DomainError("作废必须写明理由。")
    kept.voided_on, kept.void_reason = local_date(now), reason.strip()
    touch(kept, actor=actor, now=now)
    _note(session, kept, f"{_type(kept)}_voided", actor=actor, now=now)


def _person(session: Session, unit: Unit, name: str, *, actor: Actor, now: datetime) -> Person:
    return person_named(session, unit.region_id, name.strip(), actor=actor, now=now)


def _assessment(
    session: Session, assessment_id: int | None, unit: Unit, *, actor: Actor
) -> Assessment | None:
    """Return the assessment. NotVisibleError when it is another unit's or office's."""
    if assessment_id is None:
        return None
    found = get_assessment(session, assessment_id, actor=actor, to_change=True)
    if found.unit_id != unit.id:
        raise NotVisibleError
    if found.confirmed_on is None:
        raise DomainError("这份评估还没有确认，确认后再登记约谈。")
    return found


def _letter(session: Session, letter_id: int | None, unit: Unit, *, actor: Actor) -> Letter | None:
    """Return the letter. NotVisibleError when it went to another unit, or is another office's."""
    if letter_id is None:
        return None
    found = get_letter(session, letter_id, actor=actor)
    ensure_conducts(actor, found.region_id)
    if found.unit_id != unit.id:
        raise NotVisibleError
    return found


def _check_talk(held_on: date, assessment: Assessment | None, now: datetime) -> None:
    _check_day(held_on, "约谈", now)
    confirmed_on = assessment.confirmed_on if assessment else None
    if confirmed_on is not None and held_on < confirmed_on:
        raise DomainError("约谈日期应在评估确认之日至今天之间，请核对。")


def _check_day(day: date, what: str, now: datetime) -> None:
    if day > local_date(now):
        raise DomainError(f"{what}日期不能晚于今天，请核对。")


def _ensure_may(actor: Actor, permission: Permission, region_id: int) -> None:
    if not may(actor, permission):
        raise DomainError("约谈、问责由巡察办登记。")
    ensure_conducts(actor, region_id)


def _ensure_valid(kept: Kept) -> None:
    if kept.voided_on is not None:
        raise DomainError("这条记录已经作废，不能再改。需要时请重新登记。")


def _type(kept: Kept) -> str:
    return "interview" if isinstance(kept, Interview) else "accountability"


def _note(session: Session, kept: Kept, action: str, *, actor: Actor, now: datetime) -> None:
    session.flush()  # the trail names the record by its id
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type=_type(kept),
        object_id=kept.id,
        detail={"unit": kept.unit_id, "reason": kept.void_reason},
    )
