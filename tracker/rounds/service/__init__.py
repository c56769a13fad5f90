"""What an office does with rounds, one file per thing."""

from tracker.rounds.service.coverage import (
    decide_target,
    list_by_kind,
    list_pasted,
    move_between_regions,
    plan_target,
)
from tracker.rounds.service.drafting import draft_round
from tracker.rounds.service.inspecting import InspectionDraft, add_inspection, edit_inspection
from tracker.rounds.service.milestones import edit_milestone, ensure_milestones, undo_milestone
from tracker.rounds.service.planning import (
    RoundDraft,
    add_term,
    edit_round,
    edit_term,
    plan_round,
)
from tracker.rounds.service.profiles import add_profile, edit_profile, ensure_default_profiles

__all__ = [
    "InspectionDraft",
    "RoundDraft",
    "add_inspection",
    "add_profile",
    "add_term",
    "decide_target",
    "draft_round",
    "edit_inspection",
    "edit_milestone",
    "edit_profile",
    "edit_round",
    "edit_term",
    "ensure_default_profiles",
    "ensure_milestones",
    "list_by_kind",
    "list_pasted",
    "move_between_regions",
    "plan_round",
    "plan_target",
    "undo_milestone",
]
