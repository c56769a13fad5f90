"""迎检包: choose round and unit, see what will be in it, take it along as one zip."""

import tempfile

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.storage import FileStorage
from tracker.job_runs.rules import WorkKind
from tracker.job_runs.sizes import DOSSIER_MB, size_of
from tracker.job_runs.works import Wish
from tracker.kernel.permissions import Permission
from tracker.ledger.background import ZIP, exportable_round
from tracker.ledger.dossier import Dossier, Folder, dossier_of, units_with_tasks
from tracker.ledger.dossier_zip import dossier_name, pack
from tracker.ledger.views import bp
from tracker.ledger.views.asking import asked
from tracker.rounds.models import Round
from tracker.web.access import actor, requires, row_id
from tracker.web.database import config, database, db, now, today
from tracker.web.downloads import streamed


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
    if found.stored_bytes >= size_of(db(), DOSSIER_MB) * 1024 * 1024:
        return asked(_wish(found))
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
    return streamed(file, name=dossier_name(found, today=today()), media_type=ZIP)


def _wish(found: Dossier) -> Wish:
    return Wish(
        kind=WorkKind.DOSSIER,
        subject=dossier_name(found, today=today()),
        params={"round_id": found.tour.id, "unit_id": found.unit.id},
        back_to=f"/ledger/dossier?round={found.tour.id}&unit={found.unit.id}",
    )


def _dossier() -> Dossier:
    return dossier_of(db(), _round(), row_id("unit") or 0, actor=actor(), now=now())


def _round() -> Round:
    """Return the round that the address asks for. NotVisibleError without a task in it."""
    return exportable_round(db(), row_id("round"), actor=actor())
