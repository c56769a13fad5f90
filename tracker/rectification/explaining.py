"""Why somebody does not see a task: the rule behind `queries.visible_tasks`."""

from tracker.feedback.explaining import owner_of
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.explaining import Unseen, Whose, why_unseen
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState

AFTER_ISSUING = frozenset({Role.UNIT_LIAISON, Role.UNIT_HEAD, Role.SUPERVISOR})


def why_task_unseen(task: Task, *, actor: Actor) -> Unseen | None:
    """Return the rule that hides a task from the actor; None when it is seen."""
    helpers = frozenset(link.unit_id for link in task.co_units)
    row = Whose(region_id=task.region_id, owner=owner_of(task.lead_unit), helper_ids=helpers)
    hidden = why_unseen(actor, row)
    if hidden is None and task.state is TaskState.DRAFT and actor.role in AFTER_ISSUING:
        return Unseen.DRAFT
    return hidden
