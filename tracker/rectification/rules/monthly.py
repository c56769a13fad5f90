"""Months of reporting: which one a day belongs to, and the number a report has after the feedback."""

from datetime import date


def month_of(day: date) -> date:
    """Return the first day of a day's month: what names a month's report."""
    return day.replace(day=1)


def report_number(fed_back_on: date, month: date) -> int:
    """Return which monthly report after the feedback a month's is; 0 or less: none is owed yet.

    Milestones are numbered by whole months after the feedback, so a due date that was moved off
    a day off into the next month keeps its number.
    """
    return (month.year - fed_back_on.year) * 12 + month.month - fed_back_on.month
