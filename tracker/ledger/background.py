"""后台办理 of ledgers: what reads, lands, exports and packs, for `jobs/run_background.py`.

Each takes a `Desk`, does what needs no writing transaction, and returns the function that writes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.job_runs.desk import Desk, Made, Write
from tracker.job_runs.results import ResultFile
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.ledger import importing, landing, queries
from tracker.ledger.dossier import dossier_of
from tracker.ledger.dossier_zip import dossier_name, pack
from tracker.ledger.exporting import (
    export_for_update,
    export_name,
    exportable_rounds,
    keep_outgoing,
)
from tracker.ledger.matching import wants_eyes
from tracker.ledger.official_lists import lists_name, lists_of_round, lists_of_tasks
from tracker.ledger.reading_apart import Question, read_apart
from tracker.rectification.task_filter import NARROWING, asked_tasks
from tracker.rounds.models import Round
from tracker.rounds.queries import get_round

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
READING_SECONDS = 600  # nobody's request waits; a file that takes longer is not a ledger


def read_ledger(desk: Desk) -> Write:
    """Read a stored file, and keep what it says for the preview."""
    desk.tell("读取文件", 0, 0)
    params = desk.params
    with desk.database.reading() as session:
        question = _question(session, desk)
    reading = read_apart(question, seconds=READING_SECONDS, is_stopped=desk.is_stopped)
    importing.check_readable(reading, asking=True)
    desk.tell("核对各行", 0, 0)

    def write(session: Session) -> Made:
        batch = importing.preview_import(
            session,
            session.get_one(StoredFile, params["file_id"]),
            get_round(session, params["round_id"], actor=desk.actor),
            reading,
            fed_back_on=date.fromisoformat(params["fed_back_on"]),
            unit=params["unit"],
            actor=desk.actor,
            now=desk.now,
        )
        page = "/columns" if wants_eyes(reading.layouts) else ""
        return Made(leads_to=f"/imports/{batch.id}{page}")

    return write


def _question(session: Session, desk: Desk) -> Question:
    tour = get_round(session, desk.params["round_id"], actor=desk.actor)
    file = session.get_one(StoredFile, desk.params["file_id"])
    fed_back_on = date.fromisoformat(desk.params["fed_back_on"])
    return Question(
        path=FileStorage(desk.config.evidence_dir).verified_path(file),
        name=file.original_name,
        fed_back_on=fed_back_on,
        concentrated_end=importing.end_of_concentrated_period(session, tour, fed_back_on),
        unit=desk.params["unit"],
        words=queries.words_of(session, tour.region_id),
    )


def apply_ledger(desk: Desk) -> Write:
    """Import what a preview showed, all or nothing; only what the person saw when they confirmed."""
    batch_id, version = desk.params["batch_id"], desk.params["version"]

    def write(session: Session) -> Made:
        batch = queries.get_batch(session, batch_id, actor=desk.actor)
        if batch.version != version:
            raise DomainError(
                "您确认之后，这份台账的预览有改动或已办理，没有导入任何内容。请回到预览核对后再办理。"
            )
        landing.apply_import(session, batch, actor=desk.actor, now=desk.now, tell=desk.tell)
        return Made(leads_to=f"/imports/{batch_id}")

    return write


def export_round(desk: Desk) -> Write:
    """Export the ledger of a round."""
    today = local_date(desk.now)
    with desk.database.reading() as session:
        tour = exportable_round(session, desk.params["round_id"], actor=desk.actor)
        outgoing = export_for_update(session, tour, actor=desk.actor, now=desk.now, tell=desk.tell)
        name = export_name(tour, today=today)
    file = _kept(desk, outgoing.content, name)

    def write(session: Session) -> Made:
        keep_outgoing(session, tour, outgoing, actor=desk.actor, now=desk.now)
        return Made(file=file)

    return write


def export_lists(desk: Desk) -> Write:
    """Export the five lists: of a round, or of the rows that a filter shows."""
    with desk.database.reading() as session:
        content, name = made_lists(session, desk)
    return _exported(desk, _kept(desk, content, name))


def made_lists(session: Session, desk: Desk) -> tuple[bytes, str]:
    """Return the workbook and its name."""
    asked, round_id = desk.params["filter"], desk.params["round_id"]
    tour = exportable_round(session, round_id, actor=desk.actor) if round_id else None
    name = lists_name(tour, today=local_date(desk.now))
    who: dict[str, Any] = {"actor": desk.actor, "now": desk.now, "tell": desk.tell}
    if tour is not None and not is_narrowed(asked):
        return lists_of_round(session, tour, **who), name
    return lists_of_tasks(session, asked_tasks(asked), tour=tour, **who), name


def pack_dossier(desk: Desk) -> Write:
    """Pack the 迎检包 of a unit and round."""
    today, storage = local_date(desk.now), FileStorage(desk.config.evidence_dir)
    with desk.database.reading() as session:
        tour = exportable_round(session, desk.params["round_id"], actor=desk.actor)
        unit_id = desk.params["unit_id"]
        found = dossier_of(session, tour, unit_id, actor=desk.actor, now=desk.now)
        with desk.results.writing(dossier_name(found, today=today), ZIP) as draft:
            packed = pack(found, draft.file, storage, now=desk.now, tell=desk.tell)
    left_out = sum(bool(one.fault) for one in packed)
    detail = {"round_id": tour.id, "papers": len(packed) - left_out, "left_out": left_out}

    def write(session: Session) -> Made:
        record(
            session,
            "dossier_packed",
            actor=desk.actor,
            now=desk.now,
            object_type="unit",
            object_id=unit_id,
            detail=detail,
        )
        return Made(file=draft.result)

    return write


def is_narrowed(asked: Mapping[str, str]) -> bool:
    """Return whether an address asks for some rows of the list, not for all of a round."""
    return bool(NARROWING & {*asked})


def exportable_round(session: Session, round_id: int | None, *, actor: Actor) -> Round:
    """Return a round that holds a task this person may see. NotVisibleError else."""
    rounds = exportable_rounds(session, actor=actor)
    found = next((tour for tour in rounds if tour.id == round_id), None)
    if found is None:
        raise NotVisibleError
    return found


def _kept(desk: Desk, content: bytes, name: str) -> ResultFile:
    desk.tell("保存文件", 1, 1)
    with desk.results.writing(name, XLSX) as draft:
        draft.file.write(content)
    return draft.result


def _exported(desk: Desk, file: ResultFile) -> Write:
    round_id = desk.params["round_id"]

    def write(session: Session) -> Made:
        record(
            session,
            "lists_exported",
            actor=desk.actor,
            now=desk.now,
            object_type="round" if round_id else None,
            object_id=round_id,
        )
        return Made(file=file)

    return write
