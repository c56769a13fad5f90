"""Pages of the trail, and the ear for refusals."""

import io
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tracker.audit import exporting, queries
from tracker.audit.actions import ACTIONS
from tracker.audit.labels import RESULTS, action_label, result_label, table_label
from tracker.audit.models import AuditEntry
from tracker.audit.objects import object_asked_for
from tracker.audit.queries import AuditFilter
from tracker.audit.service import record, table_of
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.logs import get_logger
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region, Unit
from tracker.spreadsheets.sanitise import safe_text
from tracker.spreadsheets.writer import Column, Table, write_workbook
from tracker.web.access import actor, asked, requires, row_id
from tracker.web.database import database, db, now, who
from tracker.web.refusals import Refusal, refused

log = get_logger(__name__)
bp = Blueprint("audit", __name__)
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDE = frozenset({"说明", "变动", "校验值"})


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def entries() -> ResponseReturnValue:
    """List the trail, newest first."""
    wanted = _wanted()
    found = queries.list_entries(db(), wanted, region_id=_region())
    page = found[: queries.PAGE_SIZE]
    seq, chain = queries.head(db())
    return render_template(
        "audit/entries.html",
        entries=page,
        places=_places(page),
        wanted=wanted,
        actions=sorted(ACTIONS.items(), key=lambda item: item[1]),
        kinds=[(kind, table_label(table_of(kind))) for kind in queries.object_types(db())],
        results=RESULTS.items(),
        first_url=url_for(".entries", **_kept()) if wanted.before else None,
        next_url=url_for(".entries", **_kept(), before=page[-1].seq)
        if len(found) > len(page)
        else None,
        exports=[(kind, url_for(".export", kind=kind, **_kept())) for kind in KINDS],
        head_seq=seq,
        head_chain=chain,
        **WORDS,
    )


WORDS: dict[str, Any] = {
    "action_label": action_label,
    "result_label": result_label,
    "object_label": queries.object_label,
    "role_label": queries.role_label,
}


@bp.get("/audit/<int:entry_id>")
@requires(Permission.AUDIT_READ)
def entry(entry_id: int) -> ResponseReturnValue:
    """Show one entry with what changed, before and after."""
    found = queries.get_entry(db(), entry_id, region_id=_region())
    return render_template(
        "audit/entry.html",
        entry=found,
        place=_places([found]).get(found.unit_id or 0),
        lines=queries.change_lines(found),
        details=queries.detail_pairs(found),
        **WORDS,
    )


@bp.get("/audit/export/<kind>")
@requires(Permission.AUDIT_READ)
def export(kind: str) -> ResponseReturnValue:
    """Download what the filter finds, as CSV or Excel; that is an entry itself."""
    if kind not in KINDS:
        raise NotVisibleError
    wanted = _wanted()
    found = queries.list_entries(db(), wanted, region_id=_region(), size=exporting.MOST_ROWS - 1)
    rows = exporting.export_rows(found, _places(found))
    content = exporting.as_csv(map(_safe, rows)) if kind == "csv" else _workbook(rows)
    with database().writing() as session:
        detail = {"rows": len(found), "kind": kind, **_kept()}
        record(session, "audit_exported", actor=actor(), now=now(), detail=detail)
        session.commit()
    return _sent(content, kind)


def _safe(row: list[str]) -> list[str]:
    return [safe_text(cell) for cell in row]


def _workbook(rows: Any) -> bytes:
    columns = tuple(Column(title, 40 if title in WIDE else 18) for title in exporting.TITLES)
    return write_workbook([Table("审计记录", columns, rows)], created_at=now())


def _sent(content: bytes, kind: str) -> Response:
    return send_file(
        io.BytesIO(content),
        mimetype=KINDS[kind],
        as_attachment=True,
        download_name=exporting.file_name(now(), kind),
    )


def _wanted() -> AuditFilter:
    return AuditFilter(
        from_on=_day("from"),
        to_on=_day("to"),
        actor=asked("actor"),
        action=asked("action"),
        object_type=asked("type"),
        object_id=row_id("object"),
        result=asked("result"),
        before=row_id("before"),
    )


def _kept() -> dict[str, Any]:
    """Return the filter as it stands in the address."""
    names = ("from", "to", "actor", "action", "type", "object", "result")
    return {name: value for name in names if (value := asked(name))}


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(asked(name))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None


def _region() -> int | None:
    """Return the region whose people's entries this person reads: the city's auditor reads all."""
    me = actor()
    if me.region_id is None:
        return queries.ALL_REGIONS
    parent = db().scalar(select(Region.parent_id).where(Region.id == me.region_id))
    return queries.ALL_REGIONS if parent is None else me.region_id


def _places(found: list[AuditEntry]) -> dict[int, str]:
    ids = {entry.unit_id for entry in found if entry.unit_id is not None}
    if not ids:
        return {}
    query = select(Unit.id, Unit.short_name).where(Unit.id.in_(ids))
    return {row.id: row.short_name for row in db().execute(query)}


@refused.connect
def note_refusal(_app: Any, *, kind: Refusal, said: dict[str, str]) -> None:
    """Write down a refusal, in a short transaction of its own.

    A trail that cannot be written must not turn the refusal into something else.
    """
    held = g.get("session")
    if held is not None:
        held.rollback()  # on SQLite it may hold the one lock
    (somebody, at), action = who(), kind.value
    object_type, object_id = object_asked_for(request.blueprint, request.view_args)
    try:
        with database().writing() as session:
            record(
                session,
                action,
                actor=somebody,
                now=at,
                object_type=object_type,
                object_id=object_id,
                result="refused",
                detail={"endpoint": request.endpoint or "", "method": request.method, **said},
            )
            session.commit()
    except OperationalError as error:
        log.warning("refusal not audited", kind=type(error.orig).__name__)
