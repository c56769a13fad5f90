"""迎检包: choose round and unit, see what will be in it, take it along as one zip."""

import tempfile

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.rules import clean_name
from tracker.files.storage import FileStorage
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.ledger.dossier import Dossier, Folder, dossier_of, units_with_tasks
from tracker.ledger.dossier_zip import pack
from tracker.ledger.exporting import exportable_rounds
from tracker.ledger.views import bp
from tracker.rounds.models import Round
from tracker.web.access import actor, requires, row_id
from tracker.web.database import config, database, db, now, today
from tracker.web.downloads import streamed

ZIP = "application/zip"


@bp.get("/ledger/dossiers")
@requires(Permission.LEDGER_EXPORT)
def dossiers() -> ResponseReturnValue:
    """List the units of a round whose dossier this person may take along."""
    tour = _round()
    units = units_with_tasks(db(), tour, actor=actor())
    return render_template("ledger/dossiers.html", tour=tour, units=units)


@bp.get("/ledger/dossier")
@requires(Permission.LEDGER_EXPORT)
def dossier() -> ResponseReturnValue:
    """Show what a unit's dossier will hold."""
    found = _dossier()
    return render_template("ledger/dossier.html", dossier=found, folders=list(Folder))


@bp.get("/ledger/dossier/file")
@requires(Permission.LEDGER_EXPORT)
def dossier_file() -> ResponseReturnValue:
    """Download a unit's dossier. Audited, with the number of papers that had to be left out."""
    found = _dossier()
    file = tempfile.TemporaryFile(prefix="dossier-")  # noqa: SIM115 - closed when it was sent
    packed = pack(found, file, FileStorage(config().evidence_dir), now=now())
    file.seek(0)
    left_out = sum(bool(one.fault) for one in packed)
    with database().writing() as session:
        record(
            session,
            "dossier_downloaded",
            actor=actor(),
            now=now(),
            object_type="unit",
            object_id=found.unit.id,
            detail={
                "round_id": found.tour.id,
                "papers": len(packed) - left_out,
                "left_out": left_out,
            },
        )
        session.commit()
    name = clean_name(f"{found.unit.short_name}{found.tour.name}迎检包{today().isoformat()}.zip")
    return streamed(file, name=name, media_type=ZIP)


def _dossier() -> Dossier:
    return dossier_of(db(), _round(), row_id("unit") or 0, actor=actor(), now=now())


def _round() -> Round:
    """Return the round that the address asks for. NotVisibleError without a task in it."""
    wanted = row_id("round")
    found = [tour for tour in exportable_rounds(db(), actor=actor()) if tour.id == wanted]
    if not found:
        raise NotVisibleError
    return found[0]
