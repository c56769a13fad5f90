"""The history of told tasks: transitions, signatures, due dates, progress."""

from datetime import date, timedelta

from tracker.demo.book import Book, Staff
from tracker.demo.ledger import Chapter, Told
from tracker.demo.stories import Step
from tracker.organizations.models import Unit
from tracker.rectification.models import (
    DueChange,
    Extension,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    ExtensionState,
    ReviewOutcome,
    SignatureWay,
)

UNIT_STEPS = frozenset({Verb.ACKNOWLEDGE, Verb.SIGN_PLAN, Verb.REQUEST_CLOSURE, Verb.SIGN_CLOSURE})
HEAD_STEPS = frozenset({Verb.SIGN_CLOSURE, Verb.SIGN_PLAN})
LEAD_STEPS = frozenset({Verb.PASS_PLAN, Verb.CLOSE, Verb.RETURN_CLOSURE, Verb.TO_LONG_TERM})
PLEDGE = "本人已审核整改情况及佐证材料，对其真实性负责。"


def add_histories(chapter: Chapter) -> None:
    """Write transitions, signatures, due dates and progress of all tasks told so far."""
    chapter.book.session.flush()  # histories need the tasks' ids
    for told in chapter.told:
        _add_history(chapter, told)
        if told.has_plan:
            _add_dues(chapter, told)
            _add_progress(chapter, told)
    chapter.book.session.flush()  # so that history keeps the order in which it happened


def _writer(chapter: Chapter, staff: Staff, verb: Verb) -> tuple[str, bool]:
    """Return who took a step, and whether the clerk wrote it on the unit's behalf (代录)."""
    if verb not in UNIT_STEPS:
        return (chapter.lead if verb in LEAD_STEPS else chapter.clerk), False
    if not staff.has_sign_in:
        return chapter.clerk, True
    return (staff.head.name if verb in HEAD_STEPS else staff.liaison.name), False


def _add_history(chapter: Chapter, told: Told) -> None:
    book, unit, before = chapter.book, told.unit, None
    for step in told.steps:
        actor, on_behalf = _writer(chapter, book.staff[unit.id], step.verb)
        book.session.add(
            TaskTransition(
                task_id=told.task.id,
                from_state=before,
                to_state=step.state,
                verb=step.verb.value,
                occurred_on=step.on,
                recorded_at=book.now if told.story.is_historic else book.at(step.on),
                actor=actor,
                on_behalf_of=unit.name if on_behalf else None,
                reason=step.reason,
            )
        )
        before = step.state
        _add_signatures(chapter, told.task, unit, step)


def _add_signatures(chapter: Chapter, task: Task, unit: Unit, step: Step) -> None:
    book, staff = chapter.book, chapter.book.staff[unit.id]
    if step.verb is Verb.SIGN_CLOSURE:
        book.session.add(
            SignOff(
                task_id=task.id,
                way=SignatureWay.ONLINE if staff.has_sign_in else SignatureWay.SCAN,
                pledge=PLEDGE,
                signed_at=book.at(step.on),
                signed_by=staff.head.name,
            )
        )
    if step.verb in (Verb.CLOSE, Verb.RETURN_CLOSURE):
        is_closed = step.verb is Verb.CLOSE
        book.session.add(
            Review(
                task_id=task.id,
                outcome=ReviewOutcome.CLOSED if is_closed else ReviewOutcome.RETURNED,
                reason=step.reason,
                required_supplement=None if is_closed else "补充整改前后对比材料。",
                reviewed_on=step.on,
                recorded_at=book.at(step.on),
                reviewer=chapter.lead,
            )
        )


def _add_dues(chapter: Chapter, told: Told) -> None:
    book, task, fixed = chapter.book, told.task, told.day_of(Verb.PASS_PLAN)
    original = task.original_due
    if fixed is not None and original is not None:
        change = _due_change(book, task, DueChangeKind.FIXED, original, fixed, chapter.lead)
        book.session.add(change)
    if told.story.is_extended and original is not None and task.due_on is not None:
        _add_extension(chapter, task, original, task.due_on)


def _add_extension(chapter: Chapter, task: Task, original: date, due_on: date) -> None:
    book = chapter.book
    asked = book.ago(25)
    extension = Extension(
        task_id=task.id,
        state=ExtensionState.GRANTED,
        old_due=original,
        new_due=due_on,
        reason="项目需跨部门会商，申请延期。",
        asked_on=asked,
        asked_by=book.staff[task.lead_unit_id].liaison.name,
        signed_on=asked,
        signed_by=book.staff[task.lead_unit_id].head.name,
        decided_on=book.ago(22),
        decided_by=chapter.lead,
        **book.stamps(asked),
    )
    book.add([extension])
    change = _due_change(book, task, DueChangeKind.EXTENSION, due_on, book.ago(22), chapter.lead)
    change.old_due = original
    change.extension_id, change.reason = extension.id, extension.reason
    book.session.add(change)


def _due_change(
    book: Book, task: Task, kind: DueChangeKind, due_on: date, day: date, actor: str
) -> DueChange:
    return DueChange(
        task_id=task.id,
        kind=kind,
        old_due=due_on,
        new_due=due_on,
        occurred_on=day,
        recorded_at=book.at(day),
        actor=actor,
    )


def _add_progress(chapter: Chapter, told: Told) -> None:
    """One report a month since the plan passed, and the one that asks for closure."""
    book, task, unit = chapter.book, told.task, told.unit
    staff, passed = book.staff[unit.id], told.day_of(Verb.PASS_PLAN)
    if passed is None:
        return
    last = task.done_on or book.ago(6)
    reports: list[tuple[date, CompletionClass, str]] = []
    day = passed + timedelta(days=25)
    while day < last and len(reports) < 3:
        reports.append((day, CompletionClass.PARTLY, "已制定工作方案，正在按措施推进。"))
        day += timedelta(days=30)
    if task.done_on:
        reports.append((task.done_on, CompletionClass.DONE, "各项措施已落实，制度已印发执行。"))
    for on, completion, text in reports:
        book.session.add(
            ProgressReport(
                task_id=task.id,
                reported_on=on,
                text=text,
                completion=completion,
                done_on=on if completion is CompletionClass.DONE else None,
                no_evidence_reason="佐证材料为纸质，已存巡察办备查。"
                if completion is CompletionClass.DONE
                else None,
                rules_made=1 if completion is CompletionClass.DONE else 0,
                next_step=None if completion is CompletionClass.DONE else "下月完成专项自查。",
                on_behalf_of=None if staff.has_sign_in else unit.name,
                **book.stamps(on),
            )
        )
        task.last_progress_on = on
