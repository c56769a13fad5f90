"""Draw a sample of closed tasks, note what each check found, reopen what did not stand."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import DictionaryEntry
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.queries.spot_checks import (
    QUESTIONS,
    Wanted,
    candidates,
    closings,
    question_entries,
)
from tracker.letters.rules.sampling import (
    SizeKind,
    candidates_of,
    digest,
    draw,
    frame_of,
    sample_size,
)
from tracker.letters.rules.spot_checks import (
    CheckOutcome,
    check_checker,
    check_outcome,
    questions_typed,
    reopen_reason,
)
from tracker.organizations.models import Region
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.closing import reopen_task
from tracker.rounds.models import Round


@dataclass(frozen=True, kw_only=True)
class DrawOrder:
    """What to draw, how many, and with which seed."""

    wanted: Wanted
    size_kind: SizeKind
    size_value: int
    seed: str


def draw_sample(
    session: Session, region_id: int, order: DrawOrder, *, actor: Actor, now: datetime
) -> SpotCheck:
    """抽取: keep the list of candidates with its digest, the seed, and the tasks drawn."""
    ensure_conducts(actor, region_id)
    _check_order(session, region_id, order)
    found = candidates(session, region_id, order.wanted)
    if not found:
        raise DomainError("这段时间没有已销号的任务可抽。请放宽销号日期，或改选轮次。")
    frame = frame_of(stands for stands, _task in found.values())
    check = _new_check(session, region_id, order, frame, actor=actor, now=now)
    session.add(check)
    tasks = [found[number][1] for number in drawn_of(check)]
    closers = closings(session, [task.id for task in tasks])
    for task in tasks:
        closed_by, person_id = closers.get(task.id, (None, None))
        check.items.append(
            SpotCheckItem(
                task=task,
                closed_on=task.closed_on,
                closed_by=closed_by,
                closer_person_id=person_id,
                **born(actor=actor, now=now),
            )
        )
    session.flush()  # the audit entry names the id
    detail: dict[str, object] = {
        "seed": check.seed,
        "frame": check.frame_sha256,
        "drawn": len(tasks),
    }
    _audit(session, "spot_check_drawn", check, detail, actor=actor, now=now)
    return check


def _check_order(session: Session, region_id: int, order: DrawOrder) -> None:
    wanted = order.wanted
    if wanted.closed_from > wanted.closed_to:
        raise DomainError("销号日期的起始日晚于截止日，请更正。")
    if order.size_value < 1 or (order.size_kind is SizeKind.SHARE and order.size_value > 100):
        raise DomainError("抽取数量应不小于 1；按比例的，填 1 至 100。")
    if wanted.round_id is not None:
        tour = session.get(Round, wanted.round_id)
        if tour is None or tour.region_id != region_id:
            raise NotVisibleError


def _new_check(
    session: Session, region_id: int, order: DrawOrder, frame: str, *, actor: Actor, now: datetime
) -> SpotCheck:
    # One draw of a region at a time, or two would get the same number.
    session.scalar(select(Region.id).where(Region.id == region_id).with_for_update())
    today = local_date(now)
    last = select(func.max(SpotCheck.seq)).where(
        SpotCheck.region_id == region_id, SpotCheck.year == today.year
    )
    return SpotCheck(
        region_id=region_id,
        round_id=order.wanted.round_id,
        year=today.year,
        seq=(session.scalar(last) or 0) + 1,
        closed_from=order.wanted.closed_from,
        closed_to=order.wanted.closed_to,
        with_historic=order.wanted.with_historic,
        size_kind=order.size_kind,
        size_value=order.size_value,
        seed=order.seed,
        frame=frame,
        frame_sha256=digest(frame),
        frame_size=len(candidates_of(frame)),
        drawn_on=today,
        drawn_at=now,
        drawn_by=actor.label,
        drawn_by_user_id=actor.user_id,
    )


def drawn_of(check: SpotCheck) -> list[str]:
    """Return what the kept list, size and seed draw, in order."""
    stands = candidates_of(check.frame)
    size = sample_size(len(stands), check.size_kind, check.size_value)
    return draw(stands, size, check.seed)


@dataclass(frozen=True, kw_only=True)
class Redraw:
    """A draw made again beside the one that was kept."""

    frame_sha256: str
    is_frame_same: bool
    drawn: list[str]
    kept: list[str]

    @property
    def is_same(self) -> bool:
        """Return whether list and tasks are both what was kept."""
        return self.is_frame_same and self.drawn == self.kept


def redraw(check: SpotCheck) -> Redraw:
    """Draw again from what was kept, and compare with the tasks that were kept."""
    again = digest(check.frame)
    return Redraw(
        frame_sha256=again,
        is_frame_same=again == check.frame_sha256,
        drawn=drawn_of(check),
        kept=sorted(" ".join(item.task.task_no.split()) for item in check.items),
    )


@dataclass(frozen=True, kw_only=True)
class OutcomeDraft:
    """What a check found. `why_changed`: for an outcome that was noted before."""

    outcome: CheckOutcome
    findings: str
    checked_on: date
    checked_with: str = ""
    proposes_reopening: bool = False
    why_changed: str = ""


def note_outcome(
    session: Session, item: SpotCheckItem, draft: OutcomeDraft, *, actor: Actor, now: datetime
) -> SpotCheckItem:
    """登记结果. A second time only with the reason of the change, and not after reopening."""
    check = item.spot_check
    ensure_conducts(actor, check.region_id)
    check_checker(actor.person_id, item.closer_person_id)
    if item.reopened_on is not None:
        raise DomainError("这项任务已按抽查结果重新整改，不能再改结果。")
    if item.outcome is not None and not draft.why_changed.strip():
        raise DomainError("结果已经登记。确需更改的，请写明更改理由。")
    check_outcome(
        draft.outcome,
        draft.findings,
        checked_on=draft.checked_on,
        drawn_on=check.drawn_on,
        today=local_date(now),
    )
    before = item.outcome
    item.outcome, item.findings = draft.outcome, draft.findings.strip() or None
    item.checked_on, item.checked_with = draft.checked_on, draft.checked_with or None
    item.checker, item.checker_person_id = actor.label, actor.person_id
    item.proposes_reopening = draft.proposes_reopening and draft.outcome is CheckOutcome.FAILED
    touch(item, actor=actor, now=now)
    detail: dict[str, object] = {
        "task_no": item.task.task_no,
        "before": before and before.value,
        "after": draft.outcome.value,
        "why_changed": draft.why_changed or None,
    }
    _audit(session, "spot_check_outcome", item, detail, actor=actor, now=now)
    return item


def reopen_failed(
    session: Session,
    item: SpotCheckItem,
    new_due: date | None,
    words: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """重新整改 a task that did not stand, by whoever may reopen; the reason names the check."""
    ensure_conducts(actor, item.spot_check.region_id)
    if item.outcome is not CheckOutcome.FAILED:
        raise DomainError("只有抽查不通过的任务才能据此重新整改。请先登记核查结果。")
    if item.reopened_on is not None:
        raise DomainError("这项任务已按抽查结果重新整改，不需要再次办理。")
    if item.task.state is not TaskState.CLOSED or item.task.closed_on != item.closed_on:
        raise DomainError("这项任务抽取后已另行办理，请到任务页查看最新情况。")
    reason = reopen_reason(item.spot_check.name, item.findings or "", [words])
    reopen_task(session, item.task, reason, new_due, actor=actor, now=now)
    item.reopened_on, item.reopened_by = local_date(now), actor.label
    touch(item, actor=actor, now=now)
    detail: dict[str, object] = {"task_no": item.task.task_no, "new_due": new_due}
    _audit(session, "spot_check_reopened", item, detail, actor=actor, now=now)


def keep_questions(
    session: Session, region_id: int, lines: str, *, actor: Actor, now: datetime
) -> list[str]:
    """Keep the questions of a region's check sheet; what is left out is switched off."""
    ensure_conducts(actor, region_id)
    wanted = questions_typed(lines)
    known = {entry.label: entry for entry in session.scalars(question_entries(region_id))}
    for entry in known.values():
        entry.is_active = entry.label in wanted
    for place, question in enumerate(wanted, start=1):
        if question not in known:
            known[question] = DictionaryEntry(
                region_id=region_id,
                dictionary=QUESTIONS,
                code=f"q{len(known) + 1}",
                label=question,
                is_active=True,
            )
            session.add(known[question])
        known[question].sort_no = place
    record(
        session,
        "spot_check_questions_kept",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"questions": wanted},
    )
    return wanted


def _audit(
    session: Session,
    action: str,
    row: SpotCheck | SpotCheckItem,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    kind = "spot_check" if isinstance(row, SpotCheck) else "spot_check_item"
    record(session, action, actor=actor, now=now, object_type=kind, object_id=row.id, detail=detail)
