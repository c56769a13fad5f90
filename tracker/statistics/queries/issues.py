"""Rows of issues, by what their tasks had come to on the day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.organizations.scope import sees
from tracker.rectification.models import Review, Task
from tracker.rectification.rules.words import (
    CONFIRMATIONS,
    OPEN_STATES,
    UNCOUNTED_STATES,
    ReviewOutcome,
    TaskState,
)
from tracker.rounds.models import Inspection, Round, Term
from tracker.statistics.queries.query import FigureQuery, Rows, SummedTogether
from tracker.statistics.queries.tasks import of_issue, states


def narrowed_issues(query: FigureQuery, rows: Rows) -> Rows:
    """Narrow a selection of issues, however it was come by, to what is asked of issues."""
    return rows.join(Feedback, Feedback.id == Issue.feedback_id).where(
        *query.by_rounds(Feedback.round_id), *of_issue(query, Issue.id)
    )


def _is_confirmed(query: FigureQuery) -> ColumnElement[bool]:
    """Return whether the office's last word by the day was 确认基本完成, not 收回."""
    last = (
        select(Review.outcome)
        .where(
            Review.task_id == Task.id,
            Review.reviewed_on <= query.as_of,
            Review.outcome.in_(sorted(CONFIRMATIONS)),
        )
        .order_by(Review.reviewed_on.desc(), Review.id.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    return last == ReviewOutcome.CONFIRMED


def standing(
    query: FigureQuery,
    *,
    confirmed: ColumnElement[bool] | None = None,
    of: ColumnElement[bool] | None = None,
) -> Subquery:
    """Return (issue_id, counted, closed, still_open, confirmed): how many of its tasks are so.

    One grouping for all issues: asked issue by issue, the history would be read once for each. `of`
    says which tasks' issues are wanted, where they are known to be few.
    A reader bound to units learns nothing of the tasks of others, not even whether they are closed.
    """
    state = states(query)
    wanted = false() if confirmed is None else confirmed

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            Task.issue_id,
            number(state.c.state.not_in(UNCOUNTED_STATES)).label("counted"),
            number(state.c.state == TaskState.CLOSED).label("closed"),
            number(state.c.state.in_(OPEN_STATES)).label("still_open"),
            number(and_(state.c.state.in_(OPEN_STATES), wanted)).label("confirmed"),
        )
        .join(state, state.c.task_id == Task.id)
        .where(*_own_tasks(query), *(() if of is None else (of,)))
        .group_by(Task.issue_id)
        .subquery()
    )


def _own_tasks(query: FigureQuery) -> list[ColumnElement[bool]]:
    if not query.is_of_units:
        return []
    return [sees(query.actor, region=Task.region_id, unit=Task.lead_unit_id)]


def _issues(query: FigureQuery) -> Rows:
    by_unit = exists().where(
        IssueUnit.issue_id == Issue.id,
        query.visible(region=Issue.region_id, unit=IssueUnit.unit_id),
    )
    return (
        select(Issue.id.label("id"), literal(1).label("amount"), Issue.nature.label("part"))
        .join(Feedback, Feedback.id == Issue.feedback_id)
        .join(Round, Round.id == Feedback.round_id)
        .join(Term, Term.id == Round.term_id)
        .outerjoin(Inspection, Inspection.id == Issue.inspection_id)
        .where(
            query.happened(Feedback.fed_back_on),
            query.in_round(),
            or_(query.visible(region=Issue.region_id, unit=Inspection.unit_id), by_unit),
            *of_issue(query, Issue.id),
        )
    )


def issues_fed_back(query: FigureQuery) -> Rows:
    """Return issues of our rounds fed back by the day, by nature."""
    return _issues(query)


CONDITIONS: dict[str, Callable[[Subquery], ColumnElement[bool]]] = {
    # without those whose every task is void or ended
    "counted": lambda stands: or_(stands.c.issue_id.is_(None), stands.c.counted > 0),
    # a closed task, and none that is still open
    "closed": lambda stands: and_(stands.c.closed > 0, stands.c.still_open == 0),
    # every counted task closed, or confirmed by the office as 基本完成
    "completed": lambda stands: and_(
        stands.c.counted > 0, stands.c.closed + stands.c.confirmed == stands.c.counted
    ),
}


@dataclass(frozen=True)
class IssuesThat(SummedTogether):
    """Issues fed back by the day that meet one of CONDITIONS, by nature."""

    name: str

    def __call__(self, query: FigureQuery) -> Rows:
        """Return the issues."""
        rows, stands = _with_standing(query)
        return rows.where(CONDITIONS[self.name](stands))

    def together(self, session: Session, query: FigureQuery) -> Mapping[Any, dict[Any, int]]:
        """Return the sums of every condition: the history of tasks is read once for all."""
        rows, stands = _with_standing(query)
        sums = [func.sum(case((meets(stands), 1), else_=0)) for meets in CONDITIONS.values()]
        grouped = rows.with_only_columns(Issue.nature, *sums).group_by(Issue.nature)
        found = session.execute(grouped).all()
        return {
            IssuesThat(name): {row[0]: int(row[place]) for row in found if row[place]}
            for place, name in enumerate(CONDITIONS, start=1)
        }


def _with_standing(query: FigureQuery) -> tuple[Rows, Subquery]:
    stands = standing(query, confirmed=_is_confirmed(query))
    return _issues(query).outerjoin(stands, stands.c.issue_id == Issue.id), stands


issues_counted = IssuesThat("counted")
issues_closed = IssuesThat("closed")
issues_completed = IssuesThat("completed")
