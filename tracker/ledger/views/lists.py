"""The official lists as a file: of a round, or of exactly what the list of tasks shows."""

import io

from flask import request, send_file
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.job_runs.rules import WorkKind
from tracker.job_runs.works import Wish
from tracker.ledger.background import XLSX, exportable_round, is_narrowed
from tracker.ledger.official_lists import lists_name, lists_of_round, lists_of_tasks
from tracker.ledger.views.asking import asked, is_large
from tracker.rectification.queries import TaskFilter
from tracker.rectification.task_filter import FILTERS, asked_tasks
from tracker.rounds.models import Round
from tracker.web.access import actor, row_id
from tracker.web.database import database, db, now, today

LISTS = "lists"


def wants_lists() -> bool:
    """Return whether the address asks for the lists of something, not for the page to choose."""
    values = request.args
    return values.get("layout") == LISTS and ("round" in values or is_narrowed(values))


def lists_file() -> ResponseReturnValue:
    """Send the workbook, or lead to the page that shows how far a large one is. Audited.

    Without a filter it is a round's whole ledger; with one, the rows of the list on screen.
    """
    in_round = "round" in request.args
    tour = exportable_round(db(), row_id("round"), actor=actor()) if in_round else None
    wanted = asked_tasks(request.args)
    if tour is not None and not is_narrowed(request.args):
        wanted = TaskFilter(round_id=tour.id, only="all")
    if is_large(wanted):
        return asked(_wish(tour))
    if tour is not None and not is_narrowed(request.args):
        content = lists_of_round(db(), tour, actor=actor(), now=now())
    else:
        content = lists_of_tasks(db(), wanted, actor=actor(), now=now(), tour=tour)
    _note(tour)
    name = lists_name(tour, today=today())
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)


def _wish(tour: Round | None) -> Wish:
    values = {name: request.args[name] for name in FILTERS if name in request.args}
    return Wish(
        kind=WorkKind.LISTS_EXPORT,
        subject=lists_name(tour, today=today()),
        params={"round_id": tour.id if tour else None, "filter": values},
        back_to="/ledger/export" if tour else "/tasks",
    )


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
