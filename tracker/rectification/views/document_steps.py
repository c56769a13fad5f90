"""单位材料: handed in, withdrawn, signed, returned, accepted."""

from collections.abc import Callable

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rectification.document_queries import get_document
from tracker.rectification.forms import ReasonForm, ReturnDocumentForm
from tracker.rectification.models import UnitDocument
from tracker.rectification.service import document_steps as steps
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import document_url
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import VersionedForm, accepted, seen, status_of


def _press(
    document_id: int, do: Callable[[UnitDocument], object], done: str
) -> ResponseReturnValue:
    """Take a step that needs no more words; the button carries the version that was read."""
    found, form = get_document(db(), document_id, actor=actor()), VersionedForm()

    def step() -> None:
        check_version(found, seen(form), "这份材料")
        do(found)

    if accepted(form, step):
        db().commit()
        flash(done, "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(document_url(document_id))


@bp.post("/documents/<int:document_id>/submit")
@requires(Permission.DOCUMENT_DRAFT)
def submit_document(document_id: int) -> ResponseReturnValue:
    """报送."""
    return _press(
        document_id,
        lambda found: steps.submit_document(db(), found, actor=actor(), now=now()),
        "已报送。",
    )


@bp.post("/documents/<int:document_id>/withdraw")
@requires(Permission.DOCUMENT_DRAFT)
def withdraw_document(document_id: int) -> ResponseReturnValue:
    """撤回, until the next person has opened it."""
    return _press(
        document_id,
        lambda found: steps.withdraw_document(db(), found, actor=actor(), now=now()),
        "已撤回，可以继续修改。",
    )


@bp.post("/documents/<int:document_id>/sign")
@requires(Permission.DOCUMENT_SIGN)
def sign_document(document_id: int) -> ResponseReturnValue:
    """签字背书."""
    return _press(
        document_id,
        lambda found: steps.sign_document(db(), found, actor=actor(), now=now()),
        "已签字背书，材料已送巡察办。",
    )


@bp.post("/documents/<int:document_id>/accept")
@requires(Permission.DOCUMENT_REVIEW)
def accept_document(document_id: int) -> ResponseReturnValue:
    """审核通过."""
    return _press(
        document_id,
        lambda found: steps.accept_document(db(), found, actor=actor(), now=now()),
        "已审核通过，内容固定，对应节点已登记完成。",
    )


@bp.route("/documents/<int:document_id>/return-by-head", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_SIGN)
def return_document_by_head(document_id: int) -> ResponseReturnValue:
    """The head sends the document back to the liaison."""
    form = ReasonForm()

    def send_back(found: UnitDocument) -> None:
        steps.return_document_by_head(db(), found, form.reason.data or "", actor=actor(), now=now())

    return _return_page("return_document_by_head", document_id, form, send_back)


@bp.route("/documents/<int:document_id>/return", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_REVIEW)
def return_document(document_id: int) -> ResponseReturnValue:
    """退回 to the unit: why, and what has to be supplied."""
    form = ReturnDocumentForm()

    def send_back(found: UnitDocument) -> None:
        steps.return_document(
            db(),
            found,
            form.reason.data or "",
            form.supplement.data or "",
            actor=actor(),
            now=now(),
        )

    return _return_page("return_document", document_id, form, send_back)


def _return_page(
    view: str, document_id: int, form: ReasonForm, send_back: Callable[[UnitDocument], None]
) -> ResponseReturnValue:
    found = get_document(db(), document_id, actor=actor())

    def step() -> None:
        check_version(found, seen(form), "这份材料")
        send_back(found)

    if form.validate_on_submit() and accepted(form, step):
        db().commit()
        flash("已退回。", "ok")
        return redirect(document_url(document_id))
    form.version.data = str(found.version)
    page = render_template(f"rectification/{view}.html", form=form, document=found)
    return page, status_of(form)
