"""人员变动: prepare, confirm, cancel, note a receipt on paper, 再反馈."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.handover.forms import (
    ConfirmChangeForm,
    FeedbackAgainForm,
    PaperReceiptForm,
    PostChangeForm,
)
from tracker.handover.models import PostChange
from tracker.handover.queries import posts as queries
from tracker.handover.rules import ChangeState
from tracker.handover.service import post_changes as service
from tracker.handover.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.people.posts import get_holding
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now, today
from tracker.web.downloads import attachment
from tracker.web.forms import ActionForm, ChineseForm, accepted, given, seen, status_of
from tracker.workdays.queries import guessed_days


@bp.get("/post-changes")
@requires(Permission.POST_CHANGE_READ)
def post_changes() -> ResponseReturnValue:
    """List changes of post, those under way first."""
    rows = queries.list_changes(db(), actor=actor())
    return render_template("handover/post_changes.html", changes=rows, today=today())


@bp.route("/post-changes/new/<int:holding_id>", methods=["GET", "POST"])
@requires(Permission.POST_CHANGE_EDIT)
def new_post_change(holding_id: int) -> ResponseReturnValue:
    """Note who leaves a post and who comes."""
    holding = get_holding(db(), holding_id, actor=actor())
    form = PostChangeForm()
    made: list[PostChange] = []

    def save() -> None:
        draft = service.ChangeDraft(
            name=form.name.data or "",
            mobile=form.mobile.data or None,
            effective_on=given(form.effective_on.data),
            note=form.note.data or None,
        )
        made.append(service.prepare_change(db(), holding, draft, actor=actor(), now=now()))

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        return redirect(url_for(".post_change", change_id=made[0].id))
    page = render_template("handover/new_post_change.html", form=form, holding=holding)
    return page, status_of(form)


@bp.get("/post-changes/<int:change_id>")
@requires(Permission.POST_CHANGE_READ)
def post_change(change_id: int) -> ResponseReturnValue:
    """Show a change with its list."""
    return _page(queries.get_change(db(), change_id, actor=actor()), ConfirmChangeForm())


@bp.post("/post-changes/<int:change_id>/confirm")
@requires(Permission.POST_CHANGE_EDIT)
def confirm_post_change(change_id: int) -> ResponseReturnValue:
    """确认交接: the post passes with what stands on the list."""
    change = queries.get_change(db(), change_id, actor=actor())
    form = ConfirmChangeForm()

    def save() -> None:
        check_version(change, seen(form), "这份交接")
        kept = frozenset(form.kept.data or ())
        service.confirm_change(db(), change, kept, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已确认交接，任务已移交给接任的人。", "ok")
        return redirect(url_for(".post_change", change_id=change_id))
    return _page(change, form)


def _page(change: PostChange, form: ConfirmChangeForm) -> ResponseReturnValue:
    form.version.data = str(change.version)
    waits = change.state is ChangeState.PREPARED
    page = render_template(
        "handover/post_change.html",
        form=form,
        change=change,
        items=queries.open_items(db(), change.post, change.leaving) if waits else change.items,
        waits=waits,
        hints=queries.account_hints(
            db(), kept=PostChange.region_id == change.region_id, change_id=change.id
        ),
        guessed=guessed_days(db(), [change.feedback_again_due]),
        today=today(),
    )
    return page, status_of(form)


@bp.post("/post-changes/<int:change_id>/cancel")
@requires(Permission.POST_CHANGE_EDIT)
def cancel_post_change(change_id: int) -> ResponseReturnValue:
    """Drop a change that was not confirmed."""
    change = queries.get_change(db(), change_id, actor=actor())
    form = ActionForm()
    if accepted(form, lambda: service.cancel_change(db(), change, actor=actor(), now=now())):
        db().commit()
        flash("已取消，没有任何任务移交。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".post_change", change_id=change_id))


@bp.route("/post-changes/<int:change_id>/paper-receipt", methods=["GET", "POST"])
@requires(Permission.POST_CHANGE_EDIT)
def paper_receipt(change_id: int) -> ResponseReturnValue:
    """代录: the arriving person signed the printed list. The scan is on disk before the write."""
    form = PaperReceiptForm()
    with database().reading() as read:
        change = queries.get_change(read, change_id, actor=actor())
    stored, may_save = _scan(form) if form.validate_on_submit() else (None, False)
    if may_save and accepted(form, lambda: _receive(form, change_id, stored)):
        db().commit()
        flash("已登记纸质签收。", "ok")
        return redirect(url_for(".post_change", change_id=change_id))
    form.version.data = str(change.version)
    page = render_template("handover/paper_receipt.html", form=form, change=change)
    return page, status_of(form)


def _scan(form: PaperReceiptForm) -> tuple[StoredFile | None, bool]:
    upload = form.file.data
    if not upload or not upload.filename:
        return None, True
    files: list[StoredFile] = []

    def store() -> None:
        files.append(_storage().store(upload.stream, upload.filename, actor=actor(), now=now()))

    is_stored = accepted(form, store, at=form.file)
    return (files[0] if is_stored else None), is_stored


def _receive(form: PaperReceiptForm, change_id: int, scan: StoredFile | None) -> None:
    change = queries.get_change(db(), change_id, actor=actor())
    check_version(change, seen(form), "这份交接")
    on = given(form.acknowledged_on.data)
    service.acknowledge_on_paper(db(), change, on, scan, actor=actor(), now=now())


def _storage() -> FileStorage:
    return FileStorage(config().evidence_dir)


@bp.get("/post-changes/<int:change_id>/scan")
@requires(Permission.POST_CHANGE_READ)
def receipt_scan(change_id: int) -> ResponseReturnValue:
    """Download the scan of a receipt. Audited."""
    change = queries.get_change(db(), change_id, actor=actor())
    if change.file is None:
        raise DomainError("这份交接没有扫描件。")
    path = _storage().verified_path(change.file)
    with database().writing() as session:
        record(
            session,
            "receipt_downloaded",
            actor=actor(),
            now=now(),
            object_type="post_change",
            object_id=change.id,
        )
        session.commit()
    return attachment(path, name=change.file.original_name, media_type=change.file.media_type)


@bp.route("/post-changes/<int:change_id>/feedback-again", methods=["GET", "POST"])
@requires(Permission.POST_CHANGE_EDIT)
def feedback_again(change_id: int) -> ResponseReturnValue:
    """再反馈 to a new head."""
    change = queries.get_change(db(), change_id, actor=actor())
    form = FeedbackAgainForm()
    return _decide(
        change,
        form,
        "feedback_again",
        lambda: service.note_feedback_again(
            db(), change, given(form.given_on.data), actor=actor(), now=now()
        ),
        "已登记再反馈。",
    )


def _decide(
    change: PostChange, form: ChineseForm, view: str, do: Callable[[], object], done: str
) -> ResponseReturnValue:
    def save() -> None:
        check_version(change, seen(form), "这份交接")
        do()

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".post_change", change_id=change.id))
    form["version"].data = str(change.version)
    page = render_template(f"handover/{view}.html", form=form, change=change)
    return page, status_of(form)
