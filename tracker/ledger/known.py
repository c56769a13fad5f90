"""What a round already holds, so that the same ledger brought in twice changes nothing.

An issue of one unit is recognised by number and text, then by its text, then by its number; a common
issue (共性) by its text, for units number it differently. Each known issue answers for one of the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback, Issue
from tracker.feedback.rules import IssueNature
from tracker.ledger.texts import squeeze
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Inspection, Round

COMMON = 0  # stands for the unit of a common issue


@dataclass
class KnownIssue:
    """An issue of the round; `tasks` are those not void, by unit id."""

    issue: Issue
    text: str
    is_common: bool
    tasks: dict[int, int] = field(default_factory=dict)

    @property
    def owners(self) -> tuple[int, ...]:
        """Return the units under which it is looked for."""
        return (COMMON,) if self.is_common else tuple(link.unit_id for link in self.issue.units)


@dataclass(frozen=True)
class Wanted:
    """An issue of the file: its unit's id (COMMON for a common one), number or "", squeezed text."""

    owner: int
    number: str
    text: str


def known_issues(session: Session, tour: Round) -> list[KnownIssue]:
    """Return the round's issues with their tasks, oldest first."""
    query = (
        select(Issue)
        .join(Issue.feedback)
        .where(Feedback.round_id == tour.id)
        .options(
            selectinload(Issue.units),
            joinedload(Issue.feedback),
            joinedload(Issue.inspection).joinedload(Inspection.unit).joinedload(Unit.region),
        )
        .order_by(Issue.id)
    )
    found = {issue.id: _known(issue) for issue in session.scalars(query)}
    tasks = select(Task.id, Task.issue_id, Task.lead_unit_id).where(
        Task.round_id == tour.id, Task.state != TaskState.VOID
    )
    for task_id, issue_id, unit_id in session.execute(tasks.order_by(Task.id)):
        if issue_id in found:
            found[issue_id].tasks.setdefault(unit_id, task_id)
    return list(found.values())


def _known(issue: Issue) -> KnownIssue:
    return KnownIssue(issue, squeeze(issue.text), issue.nature is IssueNature.COMMON)


def recognise(
    wanted: Sequence[Wanted], known: Sequence[KnownIssue]
) -> list[tuple[KnownIssue | None, str]]:
    """Pair the file's issues with known ones; the second value says what differs: "", text, number."""
    pairs: list[tuple[KnownIssue | None, str]] = [(None, "")] * len(wanted)
    taken: set[int] = set()
    for keys_of, key_of, differs in PASSES:
        index: dict[tuple[int, str], list[KnownIssue]] = {}
        for entry in known:
            for key in keys_of(entry):
                index.setdefault(key, []).append(entry)
        for place, one in enumerate(wanted):
            wanted_key = key_of(one)
            if pairs[place][0] is not None or wanted_key is None:
                continue
            found = next((e for e in index.get(wanted_key, ()) if e.issue.id not in taken), None)
            if found is not None:
                taken.add(found.issue.id)
                pairs[place] = (found, "" if _is_numbered_alike(one, found) else differs)
    return pairs


def _is_numbered_alike(one: Wanted, found: KnownIssue) -> bool:
    """Tell whether only we changed the number: a second 3-01 of the file became 3-01-2."""
    if one.owner == COMMON or not one.number:
        return True
    number = found.issue.issue_no
    return one.text == found.text and (number == one.number or number.startswith(f"{one.number}-"))


def _exact(entry: KnownIssue) -> list[tuple[int, str]]:
    number = entry.issue.issue_no
    return [(owner, f"{number}\n{entry.text}") for owner in entry.owners if owner != COMMON]


def _exact_of(one: Wanted) -> tuple[int, str] | None:
    return (one.owner, f"{one.number}\n{one.text}") if one.number else None


def _by_text(entry: KnownIssue) -> list[tuple[int, str]]:
    return [(owner, entry.text) for owner in entry.owners]


def _by_text_of(one: Wanted) -> tuple[int, str] | None:
    return (one.owner, one.text)


def _by_number(entry: KnownIssue) -> list[tuple[int, str]]:
    return [(owner, entry.issue.issue_no) for owner in entry.owners if owner != COMMON]


def _by_number_of(one: Wanted) -> tuple[int, str] | None:
    return (one.owner, one.number) if one.number and one.owner != COMMON else None


PASSES: tuple[
    tuple[
        Callable[[KnownIssue], list[tuple[int, str]]],
        Callable[[Wanted], tuple[int, str] | None],
        str,
    ],
    ...,
] = (
    (_exact, _exact_of, ""),
    (_by_text, _by_text_of, "number"),
    (_by_number, _by_number_of, "text"),
)
