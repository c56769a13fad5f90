"""What reminders say: task number, unit, date and days — never what the task is about."""

from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.reminders.rule_checks import render_wording

MESSAGES = Path(__file__).resolve().parents[2] / "templates" / "messages" / "reminders"
_texts = Environment(
    loader=FileSystemLoader(MESSAGES),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=select_autoescape(),  # none for plain text
)


def line(
    *,
    name: str,
    unit: str,
    due_on: date,
    today: date,
    is_with_office: bool,
    wording: str = "",
    is_guessed: bool = False,
) -> str:
    """Return one line; `due_on` is the day the waiting began where the office has to act.

    `is_guessed`: the day lies in a year without the State Council's notice, and is marked 推算.

    `wording`: a rule's own text in place of date and days; number and unit always stand first.
    """
    days_left = (due_on - today).days
    if wording:
        own = render_wording(
            wording,
            name=name,
            unit=unit,
            due_on=due_on,
            days_left=days_left,
            is_guessed=is_guessed and not is_with_office,
        )
        return f"{name} {unit} {own}"
    return _texts.get_template("line.txt").render(
        name=name,
        unit=unit,
        due_on=due_on,
        days_left=days_left,
        is_with_office=is_with_office,
        is_guessed=is_guessed,
    )


def heading(*, due_on: date, today: date, is_with_office: bool) -> str:
    """Return the words a line stands under."""
    days_left = (due_on - today).days
    text = _texts.get_template("heading.txt")
    return text.render(days_left=days_left, is_with_office=is_with_office).strip()


def call(*, unit: str, items: list[str]) -> str:
    """Return a ready text for one unit, to be copied or read out."""
    return _texts.get_template("call.txt").render(unit=unit, items=items).strip()
