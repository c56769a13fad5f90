"""“回头看”: what a revisit finds of the issues that earlier inspections of the unit fed back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.audit.service import record
from tracker.feedback.models import EarlierVerdict, Feedback, Issue, IssueUnit, RevisitVerdict
from tracker.feedback.queries import visible_issues
from tracker.feedback.rules import Verdict
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, check_version, touch
from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError
from tracker.kernel.permissions import Actor
from tracker.organizations.queries import with_predecessors
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Inspection, Round
from tracker.rounds.rules import RoundKind


@dataclass(frozen=True)
class FormerIssue:
    """An issue of an earlier inspection, and what the revisit found of it so far."""

    issue: Issue
    verdict: RevisitVerdict | None


def is_revisit(inspection: Inspection) -> bool:
    """Return whether an inspection looks back at former issues."""
    return inspection.kind is RoundKind.REVISIT


def former_issues(session: Session, inspection: Inspection, *, actor: Actor) -> list[FormerIssue]:
    """Return the issues our earlier inspections fed back to the unit or to one merged into it.

    Earlier: fed back before the revisit's on-site work began (or, without that day, at all).
    """
    if not is_revisit(inspection):
        return []
    query = (
        select(Issue)
        .join(Issue.feedback)
        .where(_of_family(session, inspection), Feedback.round_id.is_not(None))
        .where(Issue.inspection_id.is_(None) | (Issue.inspection_id != inspection.id))
        .where(Feedback.round_id != inspection.round_id, Feedback.fed_back_on.is_not(None))
        .where(visible_issues(actor))
        .options(joinedload(Issue.feedback).joinedload(Feedback.round).joinedload(Round.term))
        .order_by(Feedback.fed_back_on, Feedback.id, Issue.issue_no, Issue.id)
    )
    if inspection.onsite_start is not None:
        query = query.where(Feedback.fed_back_on < inspection.onsite_start)
    found = {row.issue_id: row for row in _verdicts(session, inspection)}
    return [FormerIssue(issue, found.get(issue.id)) for issue in session.scalars(query)]


def _of_family(session: Session, inspection: Inspection) -> ColumnElement[bool]:
    family = with_predecessors(session, inspection.unit_id)
    named = select(IssueUnit.issue_id).where(IssueUnit.unit_id.in_(family))
    inspected = select(Inspection.id).where(Inspection.unit_id.in_(family))
    return or_(Issue.id.in_(named), Issue.inspection_id.in_(inspected))


def _verdicts(session: Session, inspection: Inspection) -> Iterable[RevisitVerdict]:
    return session.scalars(
        select(RevisitVerdict)
        .where(RevisitVerdict.inspection_id == inspection.id)
        .options(selectinload(RevisitVerdict.earlier))
    )


def get_former_issue(
    session: Session, inspection: Inspection, issue_id: int, *, actor: Actor
) -> FormerIssue:
    """Return one former issue of a revisit. NotVisibleError when it is none of its."""
    for former in former_issues(session, inspection, actor=actor):
        if former.issue.id == issue_id:
            return former
    raise NotVisibleError


@dataclass(frozen=True)
class Tally:
    """上轮问题 n 个：已整改 a、未到位 b、反弹 c、屡查屡犯 d."""

    total: int
    by_verdict: dict[Verdict, int]

    @property
    def unjudged(self) -> int:
        """Return how many have no verdict yet."""
        return self.total - sum(self.by_verdict.values())

    @property
    def sentence(self) -> str:
        """Return the counts as documents write them."""
        parts = "、".join(f"{verdict.label} {count}" for verdict, count in self.by_verdict.items())
        rest = f"，未评定 {self.unjudged}" if self.unjudged else ""
        return f"上轮问题 {self.total} 个：{parts}{rest}。"


def tally(formers: list[FormerIssue]) -> Tally:
    """Count the verdicts of a revisit; every kind is named, none as well as some."""
    counts = Counter(former.verdict.verdict for former in formers if former.verdict)
    return Tally(len(formers), {verdict: counts[verdict] for verdict in Verdict})


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict as typed. `seen`: version of the verdict the form was filled in from, 0 for none."""

    verdict: Verdict
    text: str | None
    judged_on: date
    seen: int = 0


def judge(
    session: Session,
    inspection: Inspection,
    issue: Issue,
    judgement: Judgement,
    *,
    actor: Actor,
    now: datetime,
) -> RevisitVerdict:
    """Say what the revisit found of a former issue; a later word counts, the earlier is kept."""
    verdict, text = judgement.verdict, judgement.text
    ensure_conducts(actor, inspection.conducting_region_id)
    former = get_former_issue(session, inspection, issue.id, actor=actor)
    if judgement.judged_on > local_date(now):
        raise DomainError("评定日期不能晚于今天，请核对。")
    if verdict is not Verdict.SETTLED and not (text or "").strip():
        raise DomainError("未到位、反弹、屡查屡犯的，请写明发现的情况。")
    row, before = former.verdict, None
    if row is None:
        if judgement.seen:
            raise StaleVersionError("这条评定")
        row = RevisitVerdict(
            inspection_id=inspection.id, issue_id=issue.id, **born(actor=actor, now=now)
        )
        session.add(row)
    else:
        check_version(row, judgement.seen, "这条评定")
        before = row.verdict.value
        row.earlier.append(_as_it_stood(row, actor=actor, now=now))
        touch(row, actor=actor, now=now)
    row.verdict, row.text, row.judged_by = verdict, text, actor.label
    row.judged_on = judgement.judged_on
    session.flush()  # of two first verdicts at once, the second meets the unique key
    record(
        session,
        "revisit_judged",
        actor=actor,
        now=now,
        object_type="issue",
        object_id=issue.id,
        detail={"inspection": inspection.id, "before": before, "after": verdict.value},
    )
    return row


def _as_it_stood(row: RevisitVerdict, *, actor: Actor, now: datetime) -> EarlierVerdict:
    return EarlierVerdict(
        verdict=row.verdict,
        text=row.text,
        judged_on=row.judged_on,
        judged_by=row.judged_by,
        replaced_at=now,
        replaced_by=actor.label,
    )
