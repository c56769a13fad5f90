"""A ledger that was sent, uploaded or pasted: read in a process of its own, stored, kept for the preview."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker.files.storage import FileStorage
from tracker.ledger import importing, queries
from tracker.ledger.forms import LedgerForm
from tracker.ledger.matching import wants_eyes
from tracker.ledger.models import ImportBatch
from tracker.ledger.packing import unpack_layouts
from tracker.ledger.reading_apart import Question, read_apart
from tracker.rounds.queries import get_round, list_rounds
from tracker.web.access import actor
from tracker.web.database import config, database, db, now, today
from tracker.web.forms import accepted


def offer_rounds(form: LedgerForm) -> bool:
    """Fill in the rounds to choose from; tell when there are none."""
    with database().reading() as read:
        rounds = list_rounds(read, actor=actor())
    form.round_id.choices = [(tour.id, f"{tour.name}（{tour.code}）") for tour in rounds]
    if not rounds:
        flash("导入台账前，请先登记巡察轮次。", "note")
    return bool(rounds)


def kept(form: LedgerForm, preview: Callable[[], ImportBatch]) -> ImportBatch | None:
    """Return the kept import; None when the ledger was refused."""
    batches: list[ImportBatch] = []
    if not accepted(form, lambda: batches.append(preview())):
        return None
    db().commit()
    return batches[0]


def next_step(batch: ImportBatch) -> ResponseReturnValue:
    """Lead to 对应列 where a header is unknown, else to the preview."""
    unsure = wants_eyes(unpack_layouts(json.loads(batch.layouts)))
    return redirect(url_for(".import_columns" if unsure else ".one_import", batch_id=batch.id))


def preview_of(form: LedgerForm, name: str, content: BinaryIO) -> ImportBatch:
    """Read what was sent, store it, and only then open the transaction."""
    with database().reading() as read:
        tour = get_round(read, form.round_id.data, actor=actor())
        fed_back_on = importing.feedback_day(read, tour, form.fed_back_on.data, today=today())
        asked = Question(
            path=Path(),
            name=name,
            fed_back_on=fed_back_on,
            concentrated_end=importing.end_of_concentrated_period(read, tour, fed_back_on),
            unit=form.unit.data or None,
            words=queries.words_of(read, tour.region_id),
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        with path.open("wb") as copy:
            shutil.copyfileobj(content, copy)
        reading = read_apart(replace(asked, path=path))
    importing.check_readable(reading, asking=True)
    content.seek(0)
    storage = FileStorage(config().evidence_dir)
    stored = storage.store(content, name, actor=actor(), now=now(), tables=True)
    return importing.preview_import(
        db(),
        stored,
        get_round(db(), form.round_id.data, actor=actor()),
        reading,
        fed_back_on=fed_back_on,
        unit=asked.unit,
        actor=actor(),
        now=now(),
    )


def question_of(session: Session, batch: ImportBatch) -> Question:
    """Ask for the same reading of a kept ledger as before."""
    return Question(
        path=FileStorage(config().evidence_dir).verified_path(batch.file),
        name=batch.file.original_name,
        fed_back_on=batch.fed_back_on,
        concentrated_end=importing.end_of_concentrated_period(
            session, batch.round, batch.fed_back_on
        ),
        unit=batch.unit_name,
        words=queries.words_of(session, batch.region_id),
        corrections=queries.corrections_of(session, batch),
    )
