"""当前办理环节: whose turn it is, from the state and from the plan's own steps."""

from tracker.rectification.rules.words import Court, DocumentEventKind, TaskState

COURT_OF_STATE: dict[TaskState, Court] = {
    TaskState.DRAFT: Court.OFFICE,
    TaskState.ISSUED: Court.LIAISON,
    TaskState.PLANNING: Court.LIAISON,
    TaskState.PLAN_REVIEW: Court.OFFICE,
    TaskState.IN_PROGRESS: Court.LIAISON,
    TaskState.UNIT_CHECK: Court.HEAD,
    TaskState.OFFICE_REVIEW: Court.OFFICE,
    TaskState.LONG_TERM: Court.LIAISON,
    TaskState.CLOSED: Court.NOBODY,
    TaskState.VOID: Court.NOBODY,
    TaskState.ENDED: Court.NOBODY,
}
WITH_UNIT = frozenset({Court.LIAISON, Court.HEAD})


def court_of(state: TaskState, last_plan_event: DocumentEventKind | None = None) -> Court:
    """Return whose turn it is. A submitted plan waits for the head while the state is planning."""
    if state is TaskState.PLANNING and last_plan_event is DocumentEventKind.SUBMITTED:
        return Court.HEAD
    return COURT_OF_STATE[state]


def is_with_unit(state: TaskState) -> bool:
    """Return whether the unit has to act, so that reminders to it run."""
    return COURT_OF_STATE[state] in WITH_UNIT
