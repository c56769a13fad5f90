"""Lists of tasks by a date: one page after another by key, rows without a date last."""

from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_

from tracker.rectification.models import Task

FAR = date(9999, 12, 31)  # stands for no date in an order
After = tuple[date, int]
"""Date and id of the last row of the page before."""


def by_date(query: Select[Task], day: Any, *, after: After | None, size: int) -> Select[Task]:
    """Return one page of tasks by a date column, and one row more when there is a next page."""
    key = func.coalesce(day, FAR)
    if after is not None:
        last_day, last_id = after
        query = query.where(or_(key > last_day, and_(key == last_day, Task.id > last_id)))
    return query.order_by(key, Task.id).limit(size + 1)
