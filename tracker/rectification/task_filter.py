"""What a list of tasks was asked for in an address, read the same way for the page and its export."""

import re
from collections.abc import Iterator, Mapping

from tracker.rectification.queries import ONLY, TaskFilter
from tracker.rectification.rules.words import Court, TaskState

FILTERS = ("state", "court", "unit", "round", "only", "q")
NARROWING = frozenset(FILTERS) - {"round"}


def asked_tasks(values: Mapping[str, str]) -> TaskFilter:
    """Read a filter. Unknown words narrow nothing; without state, court and range: the open ones."""
    state, court = values.get("state", ""), values.get("court", "")
    return TaskFilter(
        state=TaskState(state) if state in TaskState.__members__.values() else None,
        court=Court(court) if court in Court.__members__.values() else None,
        unit_id=_id(values.get("unit", "")),
        round_id=_id(values.get("round", "")),
        only=values.get("only", "" if state or court else "open"),
        text=values.get("q", "").replace("\x00", "").strip()[:100],
    )


def _id(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None


def filter_words(wanted: TaskFilter) -> Iterator[str]:
    """Give the filter as labels of the page, besides unit and round, which have names."""
    if wanted.only in ONLY:
        yield ONLY[wanted.only][0]
    if wanted.state is not None:
        yield wanted.state.label
    if wanted.court is not None:
        yield wanted.court.label
    if wanted.text:
        yield f"“{wanted.text}”"
