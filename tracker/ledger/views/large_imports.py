"""A large ledger is stored at once, and read and imported in the background."""

import json

from flask.typing import ResponseReturnValue

from tracker.files.storage import FileStorage
from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import WorkKind
from tracker.job_runs.sizes import IMPORT_TASKS, UPLOAD_KB, size_of
from tracker.job_runs.works import Wish, ask_work
from tracker.ledger import importing
from tracker.ledger.forms import ImportForm
from tracker.ledger.models import ImportBatch
from tracker.ledger.views.asking import progress_page
from tracker.rounds.queries import get_round
from tracker.web.access import actor
from tracker.web.database import config, database, db, now, today
from tracker.web.forms import accepted


def is_large_upload(form: ImportForm) -> bool:
    """Return whether reading the file takes too long for a request."""
    stream = form.file.data.stream
    octets = stream.seek(0, 2)
    stream.seek(0)
    with database().reading() as read:
        return bool(octets >= size_of(read, UPLOAD_KB) * 1024)


def ask_reading(form: ImportForm) -> int | None:
    """Store the file, queue its reading, and return the work; None when the form was refused."""
    asked: list[BackgroundWork] = []
    if not accepted(form, lambda: asked.append(_reading_of(form))):
        return None
    db().commit()
    return asked[0].id


def _reading_of(form: ImportForm) -> BackgroundWork:
    with database().reading() as read:
        tour = get_round(read, form.round_id.data, actor=actor())
        fed_back_on = importing.feedback_day(read, tour, form.fed_back_on.data, today=today())
    upload, storage = form.file.data, FileStorage(config().evidence_dir)
    stored = storage.store(upload.stream, upload.filename, actor=actor(), now=now(), tables=True)
    db().add(stored)
    db().flush()  # the work names its id
    params = {
        "file_id": stored.id,
        "round_id": tour.id,
        "fed_back_on": fed_back_on.isoformat(),
        "unit": form.unit.data or None,
    }
    wish = Wish(
        kind=WorkKind.LEDGER_READ,
        subject=f"{tour.name}：{stored.original_name}",
        params=params,
        back_to="/imports/new",
    )
    return ask_work(db(), wish, actor=actor(), now=now())


def is_large_import(batch: ImportBatch) -> bool:
    """Return whether importing takes too long for a request.

    One that also updates tasks stays in the request: where something has changed since, the person
    must choose anew at once.
    """
    counts: dict[str, int] = json.loads(batch.summary)["counts"]
    return not counts.get("keyed_rows") and counts["tasks"] >= size_of(db(), IMPORT_TASKS)


def ask_landing(batch: ImportBatch) -> ResponseReturnValue:
    """Queue the import of exactly what this preview shows."""
    wish = Wish(
        kind=WorkKind.LEDGER_APPLY,
        subject=f"{batch.round.name}：{batch.file.original_name}",
        params={"batch_id": batch.id, "version": batch.version},
        back_to=f"/imports/{batch.id}",
    )
    work = ask_work(db(), wish, actor=actor(), now=now())
    db().commit()
    return progress_page(work.id)
