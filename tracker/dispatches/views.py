"""报送登记: the register, one entry, its file."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.dispatches import queries, service
from tracker.dispatches.forms import DispatchForm, VoidDispatchForm
from tracker.dispatches.models import Dispatch
from tracker.files.models import StoredFile
from tracker.files.views import handed_out, taken_in
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.web.access import actor, asked, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import ChineseForm, accepted, given, seen, status_of

bp = Blueprint("dispatches", __name__)
WORDS = ("subject", "addressee", "doc_no", "sent_on", "as_of", "note")


@bp.get("/dispatches")
@requires(Permission.DISPATCH_READ)
def dispatches() -> ResponseReturnValue:
    """List what was sent, and what was sent again and again."""
    year = row_id("year")
    wanted = queries.DispatchFilter(text=asked("q"), year=year if year in _years() else None)
    found, total = queries.list_dispatches(db(), wanted, actor=actor())
    return render_template(
        "dispatches/dispatches.html",
        dispatches=found,
        total=total,
        frequencies=queries.frequencies(db(), wanted, actor=actor()),
        wanted=wanted,
        years=[(each, f"{each}年") for each in reversed(_years())],
    )


def _years() -> range:
    return range(today().year - 9, today().year + 1)


@bp.route("/dispatches/new", methods=["GET", "POST"])
@requires(Permission.DISPATCH_EDIT)
def new_dispatch() -> ResponseReturnValue:
    """登记报送."""
    form = DispatchForm()
    is_fine, file = taken_in(form) if form.validate_on_submit() else (False, None)

    def save() -> None:
        where = (db(), own_region(), _draft(form), file)
        service.register_dispatch(*where, actor=actor(), now=now())

    if is_fine and accepted(form, save):
        db().commit()
        flash("已登记。", "ok")
        return redirect(url_for(".dispatches"))
    return _form_page("new_dispatch", form), status_of(form)


@bp.get("/dispatches/<int:dispatch_id>")
@requires(Permission.DISPATCH_READ)
def dispatch(dispatch_id: int) -> ResponseReturnValue:
    """Show one entry."""
    found = queries.get_dispatch(db(), dispatch_id, actor=actor())
    sent = queries.sent_before(db(), found.subject, actor=actor())
    return render_template("dispatches/dispatch.html", dispatch=found, times=len(sent))


@bp.get("/dispatches/<int:dispatch_id>/file")
@requires(Permission.DISPATCH_READ)
def dispatch_file(dispatch_id: int) -> ResponseReturnValue:
    """Send the file as it was stored."""
    found = queries.get_filed_dispatch(db(), dispatch_id, actor=actor())
    return handed_out("dispatch", dispatch_id, found.file)


@bp.route("/dispatches/<int:dispatch_id>/edit", methods=["GET", "POST"])
@requires(Permission.DISPATCH_EDIT)
def edit_dispatch(dispatch_id: int) -> ResponseReturnValue:
    """修改报送登记."""
    found = queries.get_dispatch(db(), dispatch_id, actor=actor())
    form = DispatchForm(data={name: getattr(found, name) for name in WORDS})
    is_fine, file = taken_in(form) if form.validate_on_submit() else (False, None)
    return _decide(found, form, "edit_dispatch", lambda: _edit(found, form, file), is_fine=is_fine)


def _edit(found: Dispatch, form: DispatchForm, file: StoredFile | None) -> None:
    service.edit_dispatch(db(), found, _draft(form), file, actor=actor(), now=now())


@bp.route("/dispatches/<int:dispatch_id>/void", methods=["GET", "POST"])
@requires(Permission.DISPATCH_EDIT)
def void_dispatch(dispatch_id: int) -> ResponseReturnValue:
    """作废 of what was registered by mistake."""
    found = queries.get_dispatch(db(), dispatch_id, actor=actor())
    form = VoidDispatchForm()

    def void() -> None:
        service.void_dispatch(db(), found, form.reason.data or "", actor=actor(), now=now())

    return _decide(found, form, "void_dispatch", void, is_fine=form.validate_on_submit())


def _decide(
    found: Dispatch, form: ChineseForm, view: str, do: Callable[[], object], *, is_fine: bool
) -> ResponseReturnValue:
    def save() -> None:
        check_version(found, seen(form), "这条报送登记")
        do()

    if is_fine and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".dispatch", dispatch_id=found.id))
    form["version"].data = str(found.version)
    return _form_page(view, form, found), status_of(form)


def _form_page(view: str, form: ChineseForm, found: Dispatch | None = None) -> str:
    subjects, addressees = queries.known_words(db(), actor=actor())
    return render_template(
        f"dispatches/{view}.html",
        form=form,
        dispatch=found,
        subjects=subjects,
        addressees=addressees,
    )


def _draft(form: DispatchForm) -> service.DispatchDraft:
    return service.DispatchDraft(
        subject=form.subject.data or "",
        addressee=form.addressee.data or "",
        doc_no=form.doc_no.data or None,
        sent_on=given(form.sent_on.data),
        as_of=form.as_of.data,
        note=form.note.data or None,
    )
