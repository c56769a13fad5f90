"""单位材料: the list, one document with its versions, writing one, downloading its files."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.audit.service import record
from tracker.feedback.models import Feedback
from tracker.files.models import StoredFile
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Unit
from tracker.organizations.scope import OFFICE, conducts_row
from tracker.rectification import document_queries as queries
from tracker.rectification.forms import DocumentForm, NewDocumentForm
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.queries import signatures_of, visible_tasks
from tracker.rectification.rules.documents import WRITABLE
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, DocumentState
from tracker.rectification.service import documents as service
from tracker.rectification.service.document_steps import PLEDGE
from tracker.rectification.service.opening import is_event_opened
from tracker.rectification.service.proving import Statement
from tracker.rectification.service.steps import switches_of
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import document_url
from tracker.rectification.views.openings import keep_document_opening
from tracker.rectification.views.storing import Sent, storage, stored_and
from tracker.web.access import actor, asked, requires, row_id
from tracker.web.database import database, db, now, today
from tracker.web.downloads import attachment
from tracker.web.forms import seen, status_of


@bp.get("/documents")
@requires(Permission.TASK_READ)
def documents() -> ResponseReturnValue:
    """List what units have handed in, are writing and still owe; what is due first."""
    unit_id, with_accepted = row_id("unit"), request.args.get("only", "") == "all"
    page = min(row_id("page") or 1, queries.MAX_PAGE)
    listing = queries.list_documents(
        db(), actor=actor(), unit_id=unit_id, with_accepted=with_accepted, page=page
    )
    units = db().execute(
        select(Unit.id, Unit.short_name)
        .where(Unit.id.in_(select(Task.lead_unit_id).where(visible_tasks(actor()))))
        .order_by(Unit.sort_no, Unit.id)
    )
    return render_template(
        "rectification/documents.html",
        listing=listing,
        units=[(row.id, row.short_name) for row in units],
        unit_id=unit_id,
        with_accepted=with_accepted,
        is_ours=lambda line: _is_own(actor(), line.feedback.region_id, line.unit.id),
        today=today(),
        as_of=today(),
    )


@bp.get("/documents/<int:document_id>")
@requires(Permission.TASK_READ)
def document(document_id: int) -> ResponseReturnValue:
    """Show a document: its newest version, earlier ones, what was done, and whose turn it is."""
    found = queries.get_document(db(), document_id, actor=actor())
    keep_document_opening(found)
    due_on = queries.due_of(db(), found)
    return render_template(
        "rectification/document.html",
        document=found,
        line=queries.Line(
            feedback=found.feedback,
            unit=found.unit,
            kind=found.kind,
            due_on=due_on,
            document=found,
        ),
        signatures=signatures_of(db(), found),
        can=_what_can_be_done(found, actor()),
        pledge=PLEDGE,
        today=today(),
    )


def _is_own(who: Actor, region_id: int, unit_id: int) -> bool:
    return who.unit_id == unit_id or conducts_row(who, region_id)


def _what_can_be_done(found: UnitDocument, who: Actor) -> set[str]:
    """Return the buttons this person gets; each service refuses the others by itself."""
    state = service.state_of(found)
    if not _is_own(who, found.feedback.region_id, found.unit_id):
        return set()
    writes, waits = may(who, Permission.DOCUMENT_DRAFT), state is DocumentState.HEAD_CHECK
    with_office = state is DocumentState.OFFICE_REVIEW
    allowed = {
        "write": writes and state in WRITABLE,
        "sign": waits and may(who, Permission.DOCUMENT_SIGN),
        "scan": waits and writes and switches_of(found.feedback).scan_sign,
        "withdraw": writes and (waits or with_office) and _may_withdraw(found, who),
        "review": with_office and may(who, Permission.DOCUMENT_REVIEW),
    }
    return {name for name, is_so in allowed.items() if is_so}


def _may_withdraw(found: UnitDocument, who: Actor) -> bool:
    handed_in = [e for e in found.events if e.kind is DocumentEventKind.SUBMITTED][-1]
    mine = who.role not in OFFICE or handed_in.actor_user_id == who.user_id
    return mine and not is_event_opened(db(), found.events[-1])


@bp.route("/documents/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
def new_document() -> ResponseReturnValue:
    """Begin a document; the clerk does so for a unit that sends paper (代录)."""
    form = NewDocumentForm(data={"of": asked("of"), "kind": asked("kind")})
    with database().reading() as read:
        pairs = queries.pairs_to_write_for(read, actor=actor())
    form.of.choices = _choices(pairs)
    made: list[UnitDocument] = []
    if form.validate_on_submit() and stored_and(
        form,
        [Sent(form.file.data.filename or "", form.file.data.stream)],
        lambda files: made.append(_begin(form, files)),
    ):
        flash("已保存。核对无误后请报送。", "ok")
        return redirect(document_url(made[0].id))
    return render_template("rectification/new_document.html", form=form), status_of(form)


def _choices(pairs: Iterable[tuple[Feedback, Unit]]) -> list[tuple[str, str]]:
    return [
        (f"{feedback.id}-{unit.id}", f"{unit.short_name}　{feedback.title}（{feedback.code}）")
        for feedback, unit in pairs
    ]


def _begin(form: NewDocumentForm, files: list[StoredFile]) -> UnitDocument:
    feedback_id, unit_id = (int(each) for each in form.of.data.split("-"))
    return service.begin_document(
        db(),
        db().get_one(Feedback, feedback_id),
        db().get_one(Unit, unit_id),
        DocumentKind(form.kind.data),
        _written(form, files),
        actor=actor(),
        now=now(),
    )


@bp.route("/documents/<int:document_id>/edit", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
def edit_document(document_id: int) -> ResponseReturnValue:
    """Write a document anew; without a new file the one there is stays."""
    with database().reading() as read:
        old = queries.get_document(read, document_id, actor=actor())
        service.ensure_may_write(old.feedback.region_id, old.unit_id, actor=actor())
        service.ensure_writable(old)
    form = DocumentForm(data=_stored(old))
    if old.kind is not DocumentKind.PUBLIC_NOTICE:
        del form.is_for_party, form.is_for_public
    upload = form.file.data
    sent = [Sent(upload.filename or "", upload.stream)] if upload else []
    if form.validate_on_submit() and stored_and(
        form, sent, lambda files: _write(form, document_id, files)
    ):
        flash("已保存为新版本，以前的版本仍可查看。", "ok")
        return redirect(document_url(document_id))
    form.version.data = form.version.data or str(old.version)
    page = render_template("rectification/edit_document.html", form=form, document=old)
    return page, status_of(form)


def _stored(old: UnitDocument) -> dict[str, object]:
    names = ("title", "document_on", "text", "is_for_party", "is_for_public")
    newest = old.versions[-1] if old.versions else None
    return {name: getattr(newest, name) for name in names} if newest else {}


def _write(form: DocumentForm, document_id: int, files: list[StoredFile]) -> None:
    found = queries.get_document(db(), document_id, actor=actor())
    check_version(found, seen(form), "这份材料")
    service.write_document(db(), found, _written(form, files), actor=actor(), now=now())


def _written(form: DocumentForm, files: list[StoredFile]) -> service.Written:
    if form.document_on.data is None:
        raise DomainError("请填写文件日期。")
    return service.Written(
        said=Statement(
            title=form.title.data or "",
            document_on=form.document_on.data,
            is_confirmed_not_secret=bool(form.is_confirmed_not_secret.data),
        ),
        text=form.text.data or "",
        file=files[0] if files else None,
        is_for_party="is_for_party" in form and bool(form.is_for_party.data),
        is_for_public="is_for_public" in form and bool(form.is_for_public.data),
    )


@bp.get("/document-versions/<int:version_id>/file")
@requires(Permission.TASK_READ)
def document_file(version_id: int) -> ResponseReturnValue:
    """Download the file of a version; the next person's download is a look as well."""
    version = queries.get_version(db(), version_id, actor=actor())
    keep_document_opening(queries.get_document(db(), version.document_id, actor=actor()))
    path = storage().verified_path(version.file)
    with database().writing() as session:
        record(
            session,
            "document_downloaded",
            actor=actor(),
            now=now(),
            object_type="unit_document",
            object_id=version.document_id,
            detail={"version": version.seq, "sha256": version.file.sha256},
        )
        session.commit()
    return attachment(path, name=version.file.original_name, media_type=version.file.media_type)
