"""Look at evidence page by page, or download it; who had it is audited."""

from typing import Any

from flask import abort, render_template, send_file
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.previews import MAX_PAGES, NoPreviewError
from tracker.kernel.permissions import Permission
from tracker.rectification.evidence_queries import get_evidence, newer_version
from tracker.rectification.models import Evidence
from tracker.rectification.views import bp
from tracker.rectification.views.openings import keep_opening
from tracker.rectification.views.storing import previews, storage
from tracker.web.access import actor, requires, row_id
from tracker.web.database import database, db, now
from tracker.web.downloads import attachment


@bp.get("/evidence/<int:evidence_id>/file")
@requires(Permission.TASK_READ)
def evidence_file(evidence_id: int) -> ResponseReturnValue:
    """Download a piece of evidence as it was handed in, once its bytes have proven to be those."""
    found = get_evidence(db(), evidence_id, actor=actor())
    path = storage().verified_path(found.file)
    _note_handed_out("evidence_downloaded", found)
    return attachment(path, name=found.file.original_name, media_type=found.file.media_type)


@bp.get("/evidence/<int:evidence_id>/preview")
@requires(Permission.TASK_READ)
def preview_evidence(evidence_id: int) -> ResponseReturnValue:
    """Show one page of a piece of evidence as a picture, or say why there is none."""
    found = get_evidence(db(), evidence_id, actor=actor())
    keep_opening(found.task)
    number, pages, refusal = row_id("page") or 1, 0, None
    try:
        pages = previews().pages(found.file)
        if not 1 <= number <= min(pages, MAX_PAGES):
            abort(404)
        previews().page(found.file, number)
    except NoPreviewError as error:
        refusal = str(error)
    return render_template(
        "rectification/preview_evidence.html",
        evidence=found,
        newer=newer_version(db(), found),
        number=number,
        pages=pages,
        shown=min(pages, MAX_PAGES),
        refusal=refusal,
    )


@bp.get("/evidence/<int:evidence_id>/pages/<int:number>.png")
@requires(Permission.TASK_READ)
def evidence_page(evidence_id: int, number: int) -> ResponseReturnValue:
    """Return the picture of one page."""
    found = get_evidence(db(), evidence_id, actor=actor())
    if not 1 <= number <= min(previews().pages(found.file), MAX_PAGES):
        abort(404)
    path = previews().page(found.file, number)
    _note_handed_out("evidence_previewed", found, page=number)
    return send_file(path.resolve(), mimetype="image/png", conditional=False, etag=False)


def _note_handed_out(action: str, evidence: Evidence, **more: Any) -> None:
    """Write down, in a short transaction of its own, that somebody is given what a file holds."""
    keep_opening(evidence.task)
    with database().writing() as session:
        record(
            session,
            action,
            actor=actor(),
            now=now(),
            object_type="evidence",
            object_id=evidence.id,
            detail={"task": evidence.task_id, "sha256": evidence.file.sha256, **more},
        )
        session.commit()
