"""A task's story in short, and the days on which it took its steps."""

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.demo.book import Book, weekday
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import TaskKind, TaskState

S = TaskState
PATH = (
    (S.DRAFT, Verb.RECORD),
    (S.ISSUED, Verb.ISSUE),
    (S.PLANNING, Verb.ACKNOWLEDGE),
    (S.PLAN_REVIEW, Verb.SIGN_PLAN),
    (S.IN_PROGRESS, Verb.PASS_PLAN),
    (S.UNIT_CHECK, Verb.REQUEST_CLOSURE),
    (S.OFFICE_REVIEW, Verb.SIGN_CLOSURE),
    (S.CLOSED, Verb.CLOSE),
)
PLAN_DAYS = {S.DRAFT: 0, S.ISSUED: 1, S.PLANNING: 3, S.PLAN_REVIEW: 11, S.IN_PROGRESS: 16}
BEFORE_LAST = {S.UNIT_CHECK: 7, S.OFFICE_REVIEW: 4, S.CLOSED: 0}


@dataclass(frozen=True, kw_only=True)
class Story:
    """How far a task has come. Days are counted from today; negative `due_in` = overdue."""

    state: TaskState = S.IN_PROGRESS
    due_in: int = 60
    last_ago: int = 2
    """How long ago the last step was taken, for tasks past 整改中."""
    kind: TaskKind = TaskKind.DATED
    is_returned: bool = False
    is_extended: bool = False
    is_historic: bool = False


@dataclass(frozen=True)
class Step:
    """One step: into which state, by which verb, on which day, why."""

    state: TaskState
    verb: Verb
    on: date
    reason: str | None = None


def steps_of(book: Book, story: Story, fed_back_on: date) -> list[Step]:
    """Return a task's steps in order, none later than today."""
    if story.is_historic:
        closed = book.ago(story.last_ago)
        return [Step(S.DRAFT, Verb.RECORD, closed), Step(S.CLOSED, Verb.IMPORT_CLOSED, closed)]
    target = S.IN_PROGRESS if story.state is S.LONG_TERM else story.state
    states = [state for state, _verb in PATH]
    steps = [
        Step(state, verb, _day(book, story, fed_back_on, state))
        for state, verb in PATH[: states.index(target) + 1]
    ]
    if story.state is S.LONG_TERM:
        steps.append(Step(S.LONG_TERM, Verb.TO_LONG_TERM, book.ago(20), "需长期坚持，分阶段推进"))
    if story.is_returned:
        steps += _return(book, story)
    return steps


def _return(book: Book, story: Story) -> list[Step]:
    first = story.last_ago + 12
    return [
        Step(S.UNIT_CHECK, Verb.REQUEST_CLOSURE, book.ago(first)),
        Step(S.OFFICE_REVIEW, Verb.SIGN_CLOSURE, book.ago(first - 3)),
        Step(
            S.IN_PROGRESS,
            Verb.RETURN_CLOSURE,
            book.ago(story.last_ago),
            "佐证材料不能证明问题已经整改到位，请补充后再报。",
        ),
    ]


def _day(book: Book, story: Story, fed_back_on: date, state: TaskState) -> date:
    if state in PLAN_DAYS:
        day = weekday(fed_back_on + timedelta(days=PLAN_DAYS[state]))
        return min(day, book.today)
    behind = BEFORE_LAST[state] - BEFORE_LAST[story.state]
    return book.ago(story.last_ago + behind)
