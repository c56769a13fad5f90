"""Issues and tasks with their whole history, as the office and the units would have written it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.demo.book import Book, Staff
from tracker.demo.names import FINDINGS
from tracker.demo.stories import Step, Story, steps_of
from tracker.feedback.models import Feedback, FeedbackRecipient, Issue, IssueTag, IssueUnit
from tracker.feedback.rules import IssueNature, RecipientKind
from tracker.organizations.models import Unit
from tracker.rectification.models import (
    DueChange,
    Extension,
    Measure,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskDuty,
    TaskTransition,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    DutyRole,
    ExtensionState,
    ReviewOutcome,
    SignatureWay,
    TaskState,
)

S = TaskState
UNIT_STEPS = frozenset(
    {Verb.ACKNOWLEDGE, Verb.SUBMIT_PLAN, Verb.REQUEST_CLOSURE, Verb.SIGN_CLOSURE}
)
HEAD_STEPS = frozenset({Verb.SIGN_CLOSURE, Verb.SUBMIT_PLAN})
LEAD_STEPS = frozenset({Verb.PASS_PLAN, Verb.CLOSE, Verb.RETURN_CLOSURE, Verb.TO_LONG_TERM})
PLEDGE = "本人已审核整改情况及佐证材料，对其真实性负责。"


@dataclass
class Chapter:
    """One feedback and the office that follows it."""

    book: Book
    feedback: Feedback
    prefix: str
    clerk: str
    lead: str
    numbers: int = 0
    tasks: list[Task] = field(default_factory=list)

    @property
    def fed_back_on(self) -> date:
        """Return the day the feedback was given."""
        return self.feedback.fed_back_on or self.book.today


def add_recipients(book: Book, feedback: Feedback, units: Sequence[Unit]) -> None:
    """双反馈: the leading group and its first responsible person, each with 签收."""
    book.add(
        [
            FeedbackRecipient(
                feedback_id=feedback.id,
                unit_id=unit.id,
                kind=kind,
                acknowledged_on=feedback.fed_back_on,
                **book.stamps(),
            )
            for unit in units
            for kind in RecipientKind
        ]
    )


def add_issue(
    chapter: Chapter,
    stories: Sequence[tuple[Unit, Story]],
    *,
    inspection_id: int | None = None,
    is_immediate: bool = False,
) -> Issue:
    """Add one issue with a task per unit; several units make it a common one."""
    book = chapter.book
    chapter.numbers += 1
    heading, text, goal = FINDINGS[chapter.numbers * 5 % len(FINDINGS)]
    issue = Issue(
        feedback_id=chapter.feedback.id,
        inspection_id=inspection_id,
        region_id=chapter.feedback.region_id,
        issue_no=f"{chapter.numbers:03d}",
        cat_l1=heading,
        nature=IssueNature.COMMON if len(stories) > 1 else IssueNature.INDIVIDUAL,
        text=f"{text}。",
        is_immediate=is_immediate,
        raised_on=chapter.fed_back_on - timedelta(days=30) if is_immediate else None,
        units=[IssueUnit(unit_id=unit.id) for unit, _story in stories],
        tags=[IssueTag(tag="民生")] if heading == "群众身边" else [],
        **book.stamps(chapter.fed_back_on),
    )
    book.add([issue])
    for place, (unit, story) in enumerate(stories, start=1):
        number = f"{chapter.prefix}-{issue.issue_no}-{place:02d}"
        _add_task(chapter, issue, unit, story, number=number, goal=goal)
    return issue


def _add_task(
    chapter: Chapter, issue: Issue, unit: Unit, story: Story, *, number: str, goal: str
) -> None:
    book = chapter.book
    steps = steps_of(book, story, chapter.fed_back_on)
    has_plan = story.state not in (S.DRAFT, S.ISSUED, S.PLANNING)
    due = book.today + timedelta(days=story.due_in)
    original = due - timedelta(days=40) if story.is_extended else due
    closed_on = steps[-1].on if story.state is S.CLOSED else None
    task = Task(
        region_id=issue.region_id,
        round_id=chapter.feedback.round_id,
        feedback_id=issue.feedback_id,
        issue_id=issue.id,
        lead_unit_id=unit.id,
        task_no=number,
        goal=goal if has_plan else None,
        kind=story.kind,
        state=story.state,
        due_text_raw=f"{due.year}年{due.month}月{due.day}日前",
        original_due=original if has_plan else None,
        due_on=due if has_plan else None,
        is_long_term=story.state is S.LONG_TERM,
        is_historic=story.is_historic,
        done_on=_done_on(steps),
        closed_on=closed_on,
        completion=CompletionClass.DONE if _done_on(steps) else None,
        next_review_on=book.today + timedelta(days=5) if story.state is S.LONG_TERM else None,
        stage_goal="建立常态化机制并运行一个季度" if story.state is S.LONG_TERM else None,
        lead_dept="办公室" if has_plan else None,
        measures=_measures(book, goal, closed_on) if has_plan else [],
        duties=_duties(book, unit, chapter.fed_back_on) if has_plan else [],
        **book.stamps(chapter.fed_back_on),
    )
    book.add([task])
    chapter.tasks.append(task)
    _add_history(chapter, task, unit, story, steps)
    if has_plan:
        _add_dues(chapter, task, story, steps, original)
        _add_progress(chapter, task, unit, steps)


def _done_on(steps: Sequence[Step]) -> date | None:
    asked = [step.on for step in steps if step.verb in (Verb.REQUEST_CLOSURE, Verb.IMPORT_CLOSED)]
    is_open_again = steps[-1].state is S.IN_PROGRESS
    return None if is_open_again or not asked else asked[-1]


def _measures(book: Book, goal: str, closed_on: date | None) -> list[Measure]:
    texts = (f"成立工作专班，{goal.split('，')[0]}。", "修订完善制度，开展一次专项自查。")
    return [
        Measure(seq=seq, text=text, done_on=closed_on, **book.stamps())
        for seq, text in enumerate(texts, start=1)
    ]


def _duties(book: Book, unit: Unit, since: date) -> list[TaskDuty]:
    staff = book.staff[unit.id]
    chain = {
        DutyRole.LEAD_LEADER: staff.deputy,
        DutyRole.OWNER: staff.owner,
        DutyRole.LIAISON: staff.liaison,
    }
    return [
        TaskDuty(role=role, person_id=person.id, from_on=since, **book.stamps(since))
        for role, person in chain.items()
    ]


def _writer(chapter: Chapter, staff: Staff, verb: Verb) -> tuple[str, bool]:
    """Return who took a step, and whether the clerk wrote it on the unit's behalf (代录)."""
    if verb not in UNIT_STEPS:
        return (chapter.lead if verb in LEAD_STEPS else chapter.clerk), False
    if not staff.has_sign_in:
        return chapter.clerk, True
    return (staff.head.name if verb in HEAD_STEPS else staff.liaison.name), False


def _add_history(
    chapter: Chapter, task: Task, unit: Unit, story: Story, steps: Sequence[Step]
) -> None:
    book, before = chapter.book, None
    for step in steps:
        actor, on_behalf = _writer(chapter, book.staff[unit.id], step.verb)
        book.session.add(
            TaskTransition(
                task_id=task.id,
                from_state=before,
                to_state=step.state,
                verb=step.verb.value,
                occurred_on=step.on,
                recorded_at=book.now if story.is_historic else book.at(step.on),
                actor=actor,
                on_behalf_of=unit.name if on_behalf else None,
                reason=step.reason,
            )
        )
        before = step.state
        _add_signatures(chapter, task, unit, step)


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


def _add_dues(
    chapter: Chapter, task: Task, story: Story, steps: Sequence[Step], original: date
) -> None:
    book, fixed = chapter.book, [step.on for step in steps if step.verb is Verb.PASS_PLAN]
    for day in fixed[:1]:
        book.add([_due_change(book, task, DueChangeKind.FIXED, None, original, day, chapter.lead)])
    if not story.is_extended or task.due_on is None:
        return
    asked = book.ago(25)
    extension = Extension(
        task_id=task.id,
        state=ExtensionState.GRANTED,
        old_due=original,
        new_due=task.due_on,
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
    change = _due_change(
        book, task, DueChangeKind.EXTENSION, original, task.due_on, book.ago(22), chapter.lead
    )
    change.extension_id, change.reason = extension.id, extension.reason
    book.add([change])


def _due_change(
    book: Book,
    task: Task,
    kind: DueChangeKind,
    old: date | None,
    new: date,
    day: date,
    actor: str,
) -> DueChange:
    return DueChange(
        task_id=task.id,
        kind=kind,
        old_due=old if old else new,
        new_due=new,
        occurred_on=day,
        recorded_at=book.at(day),
        actor=actor,
    )


def _add_progress(chapter: Chapter, task: Task, unit: Unit, steps: Sequence[Step]) -> None:
    """One report a month since the plan passed, and the one that asks for closure."""
    book, staff = chapter.book, chapter.book.staff[unit.id]
    passed = [step.on for step in steps if step.verb is Verb.PASS_PLAN]
    if not passed or task.state is S.PLAN_REVIEW:
        return
    last = task.done_on or book.ago(6)
    reports: list[tuple[date, CompletionClass, str]] = []
    day = passed[0] + timedelta(days=25)
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
