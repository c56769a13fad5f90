"""The words of letters, rendered from templates/messages/letters by a plain Jinja environment."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.feedback.models import Issue
from tracker.kernel.formats import chinese_date
from tracker.organizations.models import Region
from tracker.rectification.models import Task

FOLDER = Path(__file__).parents[2] / "templates" / "messages" / "letters"
ANY = "any.txt"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(),  # none for plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chinese_date"] = chinese_date
    return environment


def first_body(
    kind_code: str,
    *,
    tasks: Sequence[Task] = (),
    issues: Sequence[Issue] = (),
    reply_due: date | None = None,
) -> str:
    """Return the text a new letter of a kind begins with. The clerk changes it as needed.

    A kind of the office's own has no template of its own and begins with the plain one.
    """
    names = [f"{kind_code}.txt", ANY] if kind_code.isidentifier() else [ANY]
    template = _environment().select_template(names)
    text = template.render(tasks=tasks, issues=issues, reply_due=reply_due)
    return "\n".join(line.strip() for line in text.strip().splitlines() if line.strip())


def first_title(kind_label: str, *, is_about_tasks: bool) -> str:
    """Return the title a new letter begins with."""
    words = _environment().get_template("words.txt").module
    return str(words.title(kind_label, is_about_tasks))  # type: ignore[attr-defined]


def organ_of(region: Region) -> str:
    """Return who signs a letter when its kind names nobody else."""
    words = _environment().get_template("words.txt").module
    return str(words.organ(region.name))  # type: ignore[attr-defined]
