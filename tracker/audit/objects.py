"""What an address asks for, in the words of the trail: `/post-changes/<change_id>` → post_change."""

from collections.abc import Mapping
from typing import Any

# Words of addresses that are not yet the name of one row of a table; with their room where shared.
OBJECT_TYPES = {
    "call": "submission_call",
    "batch": "import_batch",
    "change": "post_change",
    "check": "spot_check",
    "count": "clue_count",
    "document": "unit_document",
    "entry": "audit_entry",
    "event": "milestone_event",
    "finding": "visit_finding",
    "grant": "clue_grant",
    "holding": "post_holding",
    "item": "spot_check_item",
    "pause": "unit_pause",
    "plan": "unit_document",
    "profile": "deadline_profile",
    "recipient": "feedback_recipient",
    "rectification.report": "monthly_report",
    "reply": "letter_reply",
    "report": "report_run",
    "rule": "reminder_rule",
    "sheet": "assessment_template",
    "signature": "document_signature",
    "submission": "plan_submission",
    "target": "coverage_target",
    "version": "document_version",
    "visit": "supervision_visit",
    "way": "channel",
    "work": "background_work",
}


def object_asked_for(
    room: str | None, view_args: Mapping[str, Any] | None
) -> tuple[str | None, int | None]:
    """Return type and id of the first row that an address names; (None, None) when it names none."""
    for name, value in (view_args or {}).items():
        if name.endswith("_id") and isinstance(value, int):
            return object_type(room, name), value
    return None, None


def object_type(room: str | None, name: str) -> str:
    """Return the object type of an address's `…_id`."""
    word = name.removesuffix("_id")
    return OBJECT_TYPES.get(f"{room}.{word}") or OBJECT_TYPES.get(word, word)
