"""Large work of the ledger goes to the background: the person gets the page that shows its progress."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from tracker.job_runs.sizes import EXPORT_TASKS, size_of
from tracker.job_runs.works import Wish, ask_work
from tracker.rectification.queries import TaskFilter, count_tasks
from tracker.web.access import actor
from tracker.web.database import database, db, now, today


def asked(wish: Wish) -> ResponseReturnValue:
    """Queue work in a short transaction of its own, as of a page that only reads; a second press finds
    the first."""
    with database().writing() as session:
        work = ask_work(session, wish, actor=actor(), now=now())
        session.commit()
    return progress_page(work.id)


def progress_page(work_id: int) -> ResponseReturnValue:
    """Lead to the page of a piece of work."""
    return redirect(url_for("job_runs.work", work_id=work_id))


def is_large(wanted: TaskFilter) -> bool:
    """Return whether an export of these tasks takes too long for a request."""
    tasks = count_tasks(db(), wanted, actor=actor(), today=today())
    return tasks >= size_of(db(), EXPORT_TASKS)
