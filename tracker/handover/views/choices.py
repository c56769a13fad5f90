"""Where clues and advice come from, as choices of a form."""

from typing import Any

from tracker.handover.queries.clues import (
    feedbacks_from_above,
    inspections_to_pick,
    rounds_to_pick,
)
from tracker.web.database import db
from tracker.web.forms import ChineseForm

NONE = (0, "（无）")


def fill_places(form: ChineseForm, region_id: int) -> None:
    """Offer the region's rounds, inspections and feedback from above, where the form asks."""
    rounds = [(row.id, row.name) for row in rounds_to_pick(db(), region_id)]
    inspections = [
        (row.id, f"{row.round.name}　{row.unit.short_name}")
        for row in inspections_to_pick(db(), region_id)
    ]
    _offer(form, "round_id", rounds)
    _offer(form, "inspection_id", inspections)
    if "feedback_id" in form:
        above = [(row.id, row.title) for row in feedbacks_from_above(db(), region_id)]
        _offer(form, "feedback_id", above)


def _offer(form: ChineseForm, name: str, choices: list[tuple[int, str]]) -> None:
    field: Any = form[name]
    field.choices = [NONE, *choices]
    if field.data is None:
        field.data = 0
