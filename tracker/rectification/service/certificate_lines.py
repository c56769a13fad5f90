"""The lines of a closing's form: one a row, section by section; all of it as texts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.files.models import StoredFile
from tracker.kernel.clock import local
from tracker.kernel.formats import without_sign_in_name
from tracker.organizations.models import SupervisorOrg
from tracker.rectification.evidence_queries import evidence_that_counts
from tracker.rectification.models import (
    DueChange,
    Evidence,
    Extension,
    Measure,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.certificate import Lines
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import CONFIRMATIONS

Line = dict[str, str]
SIGNERS = frozenset({"actor", "asked_by", "signed_by", "decided_by", "lent_by"})
VERBS = {verb.value: verb.label for verb in Verb}


def lines_of(session: Session, task: Task, closing: TaskTransition) -> dict[str, Lines]:
    """Return what the form of a closing prints below its single facts, by section."""
    return {
        "measures": _lines(_measures(session, task), "text", "due_on", "done_on"),
        "progress": [_report(each) for each in _rows(session, ProgressReport, task)],
        "evidence": [_evidence(each) for each in evidence_that_counts(session, task)],
        "due_changes": [_due_change(each) for each in _rows(session, DueChange, task)],
        "extensions": [
            _extension(each)
            for each in _rows(session, Extension, task, options=(joinedload(Extension.sign_file),))
        ],
        "sign_offs": [
            _sign_off(each)
            for each in _rows(session, SignOff, task, options=(joinedload(SignOff.file),))
        ],
        "reviews": [
            _said(session, each)
            for each in _rows(session, Review, task, Review.outcome.not_in(CONFIRMATIONS))
        ],
        "history": [
            _step(each)
            for each in _rows(session, TaskTransition, task, TaskTransition.id <= closing.id)
        ],
    }


def printed(value: Any) -> str:
    """Return a value as the form prints it; nothing as an empty text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M:%S")
    return str(getattr(value, "label", value))


def _rows(
    session: Session, model: Any, task: Task, *narrowed: Any, options: tuple[Any, ...] = ()
) -> list[Any]:
    query = select(model).where(model.task_id == task.id, *narrowed).order_by(model.id)
    return list(session.scalars(query.options(*options)))


def _measures(session: Session, task: Task) -> list[Measure]:
    query = select(Measure).where(Measure.task_id == task.id).order_by(Measure.seq)
    return list(session.scalars(query))


def _lines(rows: Iterable[Any], *names: str) -> Lines:
    return [_line(row, *names) for row in rows]


def _line(row: Any, *names: str) -> Line:
    return {name: _cell(name, getattr(row, name)) for name in names}


def _cell(name: str, value: Any) -> str:
    return without_sign_in_name(printed(value)) if name in SIGNERS else printed(value)


def _report(report: ProgressReport) -> Line:
    return {
        "reported_on": printed(report.reported_on),
        "completion": report.completion.label,
        "text": report.text,
        "results": (
            f"制度 {report.rules_made} 项，问责党组织 {report.orgs_held} 个、"
            f"{report.persons_held} 人次，挽回损失 {report.recovered_wan.normalize():f} 万元"
        ),
        "no_evidence_reason": printed(report.no_evidence_reason),
        "reporter": _signer(report.created_by, report.on_behalf_of, "录入"),
        "done_on": printed(report.done_on),
        "unfinished_reason": printed(report.unfinished_reason),
        "next_step": printed(report.next_step),
    }


def _evidence(item: Evidence) -> Line:
    return {
        "title": item.title,
        "document_on": printed(item.document_on),
        "name": item.file.original_name,
        "size": str(item.file.size_bytes),
        "sha256": item.file.sha256,
        "uploader": _signer(item.created_by, item.on_behalf_of, "上传"),
    }


def _due_change(row: DueChange) -> Line:
    line = _line(row, *("occurred_on", "kind", "old_due", "new_due", "actor", "reason"))
    return line | {"actor": line["actor"] + _lent(row.lent_by)}


def _extension(row: Extension) -> Line:
    line = _line(
        row,
        *("asked_on", "asked_by", "new_due", "reason", "signed_by", "state"),
        *("decided_on", "decided_by", "old_due", "signed_on", "sign_way", "decision_reason"),
    )
    hands = {
        "asked_by": _signer(row.asked_by, row.on_behalf_of, "录入"),
        "signed_by": line["signed_by"] + _lent(row.sign_lent_by),
        "decided_by": line["decided_by"] + _lent(row.decision_lent_by),
    }
    return line | hands | _scan(row.sign_file)


def _sign_off(row: SignOff) -> Line:
    return _line(row, "signed_at", "signed_by", "way", "lent_by", "pledge") | _scan(row.file)


def _scan(file: StoredFile | None) -> Line:
    return {
        "scan_name": file.original_name if file else "",
        "scan_sha256": file.sha256 if file else "",
    }


def _said(session: Session, review: Review) -> Line:
    organ = session.get(SupervisorOrg, review.organ_id) if review.organ_id else None
    return {
        "reviewed_on": printed(review.reviewed_on),
        "outcome": review.outcome.label,
        "reviewer": without_sign_in_name(review.reviewer),
        "reason": printed(review.reason),
        "supplement": printed(review.required_supplement),
        "organ": organ.name if organ else "",
    }


def _step(row: TaskTransition) -> Line:
    before = f"{row.from_state.label} → " if row.from_state else ""
    return {
        "occurred_on": printed(row.occurred_on),
        "recorded_at": printed(row.recorded_at),
        "verb": VERBS.get(row.verb, row.verb),
        "step": before + row.to_state.label,
        "actor": _signer(row.actor, row.on_behalf_of, "办理") + _lent(row.lent_by),
        "reason": printed(row.reason),
    }


def _lent(lender: str | None) -> str:
    return f"（{without_sign_in_name(lender)}授权）" if lender else ""


def _signer(actor: str, on_behalf_of: str | None, what: str) -> str:
    return without_sign_in_name(actor) + (f"（代{on_behalf_of}{what}）" if on_behalf_of else "")
