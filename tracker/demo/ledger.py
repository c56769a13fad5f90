"""Issues and tasks with their whole history, as the office and the units would have written it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.demo.book import Book
from tracker.demo.names import FINDINGS
from tracker.demo.stories import Step, Story, steps_of
from tracker.feedback.models import Feedback, FeedbackRecipient, Issue, IssueTag, IssueUnit
from tracker.feedback.rules import IssueNature, RecipientKind
from tracker.organizations.models import Unit
from tracker.rectification.models import (
    Measure,
    Task,
    TaskDuty,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DutyRole,
    TaskState,
)

S = TaskState


@dataclass
class Chapter:
    """One feedback and the office that follows it."""

    book: Book
    feedback: Feedback
    prefix: str
    clerk: str
    lead: str
    numbers: int = 0
    told: list["Told"] = field(default_factory=list)

    @property
    def fed_back_on(self) -> date:
        """Return the day the feedback was given."""
        return self.feedback.fed_back_on or self.book.today


@dataclass(frozen=True)
class Told:
    """A task with its story and the steps it took; its history is written by `add_histories`."""

    task: Task
    unit: Unit
    story: Story
    steps: tuple[Step, ...]

    @property
    def has_plan(self) -> bool:
        """Whether the unit has planned the task."""
        return self.story.state not in (S.DRAFT, S.ISSUED, S.PLANNING)

    def day_of(self, verb: Verb) -> date | None:
        """Return the first day on which a step was taken."""
        return next((step.on for step in self.steps if step.verb is verb), None)


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
    book.session.add(issue)
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
        issue=issue,
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
    book.session.add(task)
    chapter.told.append(Told(task, unit, story, tuple(steps)))


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
