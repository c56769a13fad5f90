"""Ask counties for figures; answer; accept or return. What is accepted becomes entered figures."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.county_submissions.models import (
    CalledMetric,
    CountySubmission,
    SubmissionCall,
    SubmissionEvent,
    SubmittedFigure,
)
from tracker.county_submissions.queries import counties_of
from tracker.county_submissions.rules import (
    WITH_COUNTY,
    Answers,
    SubmissionStep,
    check_answers,
    check_call,
    state_after,
)
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.statistics.rules import EnteredMetric
from tracker.statistics.service import Entry, keep_figure


@dataclass(frozen=True, kw_only=True)
class CallDraft:
    """A call as typed."""

    title: str
    metrics: list[EnteredMetric]
    period_start: date
    period_end: date
    due_on: date
    note: str | None = None


def open_call(
    session: Session, region_id: int, draft: CallDraft, *, actor: Actor, now: datetime
) -> SubmissionCall:
    """发出报送要求: every county of the city owes an answer from here on."""
    ensure_conducts(actor, region_id)
    check_call(draft.metrics, draft.period_start, draft.period_end, draft.due_on)
    counties = counties_of(session, region_id)
    if not counties:
        raise DomainError("本地区没有下级县（市、区），不需要县区报送。")
    stamps = born(actor=actor, now=now)
    call = SubmissionCall(
        region_id=region_id,
        title=draft.title,
        period_start=draft.period_start,
        period_end=draft.period_end,
        due_on=draft.due_on,
        note=draft.note,
        metrics=[CalledMetric(metric=metric.value) for metric in draft.metrics],
        submissions=[CountySubmission(region_id=county.id, **stamps) for county in counties],
        **stamps,
    )
    session.add(call)
    session.flush()  # the audit entry names the id
    _audit(session, "submission_called", call, actor=actor, now=now)
    return call


def change_call(
    session: Session,
    call: SubmissionCall,
    *,
    title: str,
    due_on: date,
    note: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Change words and due date. Figures and period stay: counties may have answered them."""
    ensure_conducts(actor, call.region_id)
    _ensure_open(call)
    check_call(call.asked, call.period_start, call.period_end, due_on)
    call.title, call.due_on, call.note = title, due_on, note
    touch(call, actor=actor, now=now)
    _audit(session, "submission_call_changed", call, actor=actor, now=now)


def close_call(session: Session, call: SubmissionCall, *, actor: Actor, now: datetime) -> None:
    """结束报送: nobody is reminded any more; who has not answered stays 未报."""
    ensure_conducts(actor, call.region_id)
    _ensure_open(call)
    call.closed_on = local_date(now)
    touch(call, actor=actor, now=now)
    _audit(session, "submission_call_closed", call, actor=actor, now=now)


def submit(
    session: Session,
    submission: CountySubmission,
    answers: Answers,
    source_document: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """报送 by the county's office: all figures that were asked for, each with a value or a reason."""
    ensure_conducts(actor, submission.region_id)
    _ensure_open(submission.call)
    check_answers({metric: answers[metric] for metric in submission.call.asked})
    _go(submission, SubmissionStep.SUBMIT, actor=actor, now=now)
    _keep_answers(session, submission, answers)
    submission.source_document = source_document
    submission.submitted_on, submission.submitted_by = local_date(now), actor.label
    _note(session, submission, SubmissionStep.SUBMIT, actor=actor, now=now)


def withdraw(
    session: Session, submission: CountySubmission, *, actor: Actor, now: datetime
) -> None:
    """撤回 by the county's office, as long as the city has not decided."""
    ensure_conducts(actor, submission.region_id)
    _go(submission, SubmissionStep.WITHDRAW, actor=actor, now=now)
    _note(session, submission, SubmissionStep.WITHDRAW, actor=actor, now=now)


def send_back(
    session: Session,
    submission: CountySubmission,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """退回 by the city's office, with what to correct. Figures accepted before stay as entered
    until the corrected ones are accepted."""
    ensure_conducts(actor, submission.call.region_id)
    _ensure_open(submission.call)
    _go(submission, SubmissionStep.RETURN, actor=actor, now=now)
    submission.return_reason = reason
    submission.return_count += 1
    _note(session, submission, SubmissionStep.RETURN, actor=actor, now=now, reason=reason)


def accept(session: Session, submission: CountySubmission, *, actor: Actor, now: datetime) -> None:
    """接收 by the city's office: the figures count as entered by who submitted them."""
    ensure_conducts(actor, submission.call.region_id)
    _go(submission, SubmissionStep.ACCEPT, actor=actor, now=now)
    call, today = submission.call, local_date(now)
    submission.accepted_on = today
    for figure in submission.figures:
        if figure.value is not None:
            entry = Entry(
                metric=EnteredMetric(figure.metric),
                period_start=call.period_start,
                period_end=call.period_end,
                value=figure.value,
                source_document=submission.source_document,
            )
            keep_figure(
                session,
                submission.region_id,
                entry,
                actor=actor,
                now=now,
                today=today,
                entered_by=submission.submitted_by,
            )
    _note(session, submission, SubmissionStep.ACCEPT, actor=actor, now=now)


def _go(submission: CountySubmission, step: SubmissionStep, *, actor: Actor, now: datetime) -> None:
    submission.state = state_after(submission.state, step)
    if submission.state in WITH_COUNTY:
        submission.submitted_on = None
    touch(submission, actor=actor, now=now)


def _keep_answers(session: Session, submission: CountySubmission, answers: Answers) -> None:
    submission.figures.clear()
    session.flush()  # the old figures go before new ones of the same name come
    submission.figures += [
        SubmittedFigure(
            metric=metric.value,
            value=answers[metric].value,
            blank_reason=answers[metric].blank_reason if answers[metric].value is None else "",
        )
        for metric in submission.call.asked
    ]


def _ensure_open(call: SubmissionCall) -> None:
    if call.closed_on is not None:
        raise DomainError("这次报送已经结束，不能再改。需要补报时，请市级巡察办另发报送要求。")


def _note(
    session: Session,
    submission: CountySubmission,
    step: SubmissionStep,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Write the step down, with the figures as they are now."""
    told = {
        figure.metric: str(figure.value) if figure.value is not None else None
        for figure in submission.figures
    }
    submission.events.append(
        SubmissionEvent(
            step=step,
            recorded_at=now,
            actor=actor.label,
            actor_user_id=actor.user_id,
            reason=reason,
            figures=json.dumps(told, ensure_ascii=False, sort_keys=True),
        )
    )
    record(
        session,
        f"submission_{step.value}",
        actor=actor,
        now=now,
        object_type="county_submission",
        object_id=submission.id,
        detail={"reason": reason} if reason else {},
    )


def _audit(
    session: Session, action: str, call: SubmissionCall, *, actor: Actor, now: datetime
) -> None:
    record(session, action, actor=actor, now=now, object_type="submission_call", object_id=call.id)
