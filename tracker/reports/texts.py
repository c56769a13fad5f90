"""The words of reports, rendered from templates/messages by a plain Jinja environment."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.kernel.formats import chinese_date
from tracker.reports.weekly import Line, WeeklyReport

FOLDER = Path(__file__).parents[2] / "templates" / "messages"


@cache
def _words() -> Any:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),  # none for plain text
    )
    environment.filters["chinese_date"] = chinese_date
    return environment.get_template("weekly_report/text.txt").module


def title(report: WeeklyReport) -> str:
    """Return ××轮巡察整改工作周报（第N期）, without the outer 《》."""
    return str(_words().title(report))


def said(part: str, report: WeeklyReport) -> str:
    """Return one part of the report: overview, basis, overdue, coming, requirements, organ, annex.

    A line is a paragraph.
    """
    return str(getattr(_words(), part)(report)).strip()


def count(lines: tuple[Line, ...]) -> str:
    """Return 共N项。 or 无。"""
    return str(_words().count(lines))


def announcement(report_title: str, *, is_issued: bool) -> str:
    """Return the chat line: that there is an edition, never a figure."""
    words = _words().issued if is_issued else _words().made
    return str(words(report_title))


def figures(report: WeeklyReport) -> list[tuple[str, str, str]]:
    """Return (name, figure, unit) of every figure, in the order of print."""
    rows = (line.split("|") for line in said("figures", report).splitlines())
    return [(name, figure, unit) for name, figure, unit in rows]
