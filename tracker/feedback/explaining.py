"""Why somebody does not see an issue: the rule behind `queries.visible_issues`."""

from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback, Issue
from tracker.kernel.permissions import Actor
from tracker.organizations.explaining import Owner, Unseen, Whose, why_unseen
from tracker.organizations.models import Unit
from tracker.organizations.scope import OFFICE, conducts_row
from tracker.rounds.models import Inspection


def owner_of(unit: Unit | None) -> Owner | None:
    """Return a unit as the rule sees it."""
    if unit is None:
        return None
    return Owner(
        unit_id=unit.id, region_id=unit.region_id, supervisor_org_id=unit.supervisor_org_id
    )


def why_issue_unseen(issue: Issue, *, actor: Actor) -> Unseen | None:
    """Return the rule that hides an issue from the actor; None when it is seen."""
    hidden = None if conducts_row(actor, issue.region_id) else _unseen_by_units(issue, actor)
    if hidden is not None or actor.role is None or actor.role in OFFICE:
        return hidden
    is_fed_back = issue.is_immediate or issue.feedback.fed_back_on is not None
    return None if is_fed_back else Unseen.NOT_FED_BACK


def _unseen_by_units(issue: Issue, actor: Actor) -> Unseen | None:
    """One of the issue's units is enough to see it."""
    owners = [owner_of(link.unit) for link in issue.units] or [None]
    rules = [why_unseen(actor, Whose(region_id=issue.region_id, owner=owner)) for owner in owners]
    return None if None in rules else rules[0]


def why_feedback_unseen(session: Session, feedback: Feedback, *, actor: Actor) -> Unseen | None:
    """Return the rule that hides a feedback from the actor; None when it is seen."""
    found = session.get(Inspection, feedback.inspection_id) if feedback.inspection_id else None
    owner = owner_of(found.unit) if found else None
    return why_unseen(actor, Whose(region_id=feedback.region_id, owner=owner))
