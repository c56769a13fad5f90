"""节点 of an inspection: registered with their document, taken back with a reason, looked up."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.feedback.queries import feedbacks_of_inspection
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import check_version
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.organizations.scope import conducts_row
from tracker.rounds import queries, service
from tracker.rounds.forms import MilestoneForm, UndoMilestoneForm
from tracker.rounds.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now, today
from tracker.web.downloads import attachment
from tracker.web.forms import accepted, seen, status_of
from tracker.workdays.queries import guessed_days


@bp.get("/milestones/<int:milestone_id>")
@requires(Permission.ROUND_READ)
def milestone(milestone_id: int) -> ResponseReturnValue:
    """Show a milestone with its document and what was registered about it."""
    found = queries.read_milestone(db(), milestone_id, actor=actor())
    ours = conducts_row(actor(), found.inspection.conducting_region_id)
    feedbacks = feedbacks_of_inspection(db(), found.inspection_id, actor=actor())
    moves = any(each.profile.move_to_workday for each in feedbacks)
    return render_template(
        "rounds/milestone.html",
        milestone=found,
        ours=ours,
        guessed=guessed_days(db(), [found.due_on] if moves else []),
        today=today(),
        as_of=today(),
    )


@bp.route("/milestones/<int:milestone_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_milestone(milestone_id: int) -> ResponseReturnValue:
    """Set a milestone's date, note it done or exempt; its document is on disk before the write."""
    with database().reading() as read:
        row = queries.get_milestone(read, milestone_id, actor=actor())
    form = MilestoneForm(
        data={name: getattr(row, name) for name in ("due_on", "done_on", "exempt_reason")}
    )
    files: list[StoredFile] = []
    if form.validate_on_submit() and _take_in(form, files):
        is_done = False
        try:
            if accepted(form, lambda: _save(form, milestone_id, files)):
                db().commit()
                is_done = True
                flash("已保存。", "ok")
                return redirect(url_for(".inspection", inspection_id=row.inspection_id))
        finally:
            for file in [] if is_done else files:
                _storage().discard(file)
    form.version.data = str(row.version)
    return render_template("rounds/edit_milestone.html", form=form, milestone=row), status_of(form)


def _take_in(form: MilestoneForm, files: list[StoredFile]) -> bool:
    """Store the form's file, if there is one; False when it was refused on the form."""
    upload = form.file.data
    if not upload:
        return True
    if not form.is_confirmed_not_secret.data:
        form.is_confirmed_not_secret.errors = [
            "请先确认材料不涉密，再上传。涉密材料不得录入本系统。"
        ]
        return False

    def store() -> None:
        files.append(_storage().store(upload.stream, upload.filename, actor=actor(), now=now()))

    return accepted(form, store)


def _save(form: MilestoneForm, milestone_id: int, files: list[StoredFile]) -> None:
    row = queries.get_milestone(db(), milestone_id, actor=actor())
    check_version(row, seen(form), "这个节点")
    service.edit_milestone(
        db(),
        row,
        due_on=form.due_on.data,
        done_on=form.done_on.data,
        exempt_reason=form.exempt_reason.data,
        file=files[0] if files else None,
        actor=actor(),
        now=now(),
    )


@bp.route("/milestones/<int:milestone_id>/undo", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def undo_milestone(milestone_id: int) -> ResponseReturnValue:
    """撤销登记, with a reason."""
    row = queries.get_milestone(db(), milestone_id, actor=actor())
    form = UndoMilestoneForm()

    def undo() -> None:
        check_version(row, seen(form), "这个节点")
        service.undo_milestone(db(), row, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, undo):
        db().commit()
        flash("已撤销登记，节点恢复为未完成。", "ok")
        return redirect(url_for(".milestone", milestone_id=milestone_id))
    form.version.data = str(row.version)
    return render_template("rounds/undo_milestone.html", form=form, milestone=row), status_of(form)


@bp.get("/milestones/<int:milestone_id>/file")
@requires(Permission.ROUND_READ)
def milestone_file(milestone_id: int) -> ResponseReturnValue:
    """Download a milestone's document."""
    found = queries.read_milestone(db(), milestone_id, actor=actor())
    return _handed_out(found.file, milestone_id)


@bp.get("/milestone-events/<int:event_id>/file")
@requires(Permission.ROUND_READ)
def milestone_event_file(event_id: int) -> ResponseReturnValue:
    """Download a document that was attached earlier, replaced or taken back since."""
    found = queries.read_milestone_event(db(), event_id, actor=actor())
    return _handed_out(found.file, found.milestone_id)


def _handed_out(file: StoredFile | None, milestone_id: int) -> ResponseReturnValue:
    """Send a verified file; who took it is written down in a short transaction of its own."""
    if file is None:
        raise NotVisibleError
    path = _storage().verified_path(file)
    with database().writing() as session:
        record(
            session,
            "milestone_file_downloaded",
            actor=actor(),
            now=now(),
            object_type="milestone",
            object_id=milestone_id,
            detail={"sha256": file.sha256},
        )
        session.commit()
    return attachment(path, name=file.original_name, media_type=file.media_type)


def _storage() -> FileStorage:
    return FileStorage(config().evidence_dir)
