"""The official lists as a file: of a round, or of exactly what the list of tasks shows."""

from flask import request
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import NotVisibleError
from tracker.ledger.exporting import exportable_rounds
from tracker.ledger.official_lists import lists_of_round, lists_of_tasks
from tracker.rectification.task_filter import NARROWING, asked_tasks
from tracker.rounds.models import Round
from tracker.web.access import actor, row_id
from tracker.web.database import database, db, now, today

LISTS = "lists"


def wants_lists() -> bool:
    """Return whether the address asks for the lists of something, not for the page to choose."""
    values = request.args
    return values.get("layout") == LISTS and ("round" in values or bool(NARROWING & {*values}))


def lists_file() -> tuple[bytes, str]:
    """Return the workbook and its name. Audited.

    Without a filter it is a round's whole ledger; with one, the rows of the list on screen.
    """
    tour = _round(db()) if "round" in request.args else None
    if tour is not None and not NARROWING & {*request.args}:
        content = lists_of_round(db(), tour, actor=actor(), now=now())
    else:
        wanted = asked_tasks(request.args)
        content = lists_of_tasks(db(), wanted, actor=actor(), now=now(), tour=tour)
    _note(tour)
    return content, f"{tour.name if tour else '整改任务'}清单{today().isoformat()}.xlsx"


def _round(session: Session) -> Round:
    rounds = exportable_rounds(session, actor=actor())
    found = next((tour for tour in rounds if tour.id == row_id("round")), None)
    if found is None:
        raise NotVisibleError
    return found


def _note(tour: Round | None) -> None:
    with database().writing() as session:
        record(
            session,
            "lists_exported",
            actor=actor(),
            now=now(),
            object_type="round" if tour else None,
            object_id=tour.id if tour else None,
        )
        session.commit()
