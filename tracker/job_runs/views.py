"""后台办理: what somebody asked for, how far it is, and the file that came of it."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.job_runs import works as service
from tracker.job_runs.forms import SizesForm
from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.results import ResultFiles
from tracker.job_runs.rules import LONG_WAIT, PERMISSION_OF
from tracker.job_runs.sizes import SIZES, keep_sizes, sizes_of
from tracker.job_runs.work_queries import count_ahead, get_work, list_works
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission, may
from tracker.web.access import NotPermittedError, actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.downloads import attachment
from tracker.web.forms import ActionForm, accepted, check_shown, status_of, version_of

bp = Blueprint("job_runs", __name__)


@bp.get("/works")
@requires(Permission.OWN_ACCOUNT)
def works() -> ResponseReturnValue:
    """List what the signed-in person asked for."""
    found = list_works(db(), actor=actor())
    return render_template("job_runs/works.html", works=found, now=now())


@bp.get("/works/<int:work_id>")
@requires(Permission.OWN_ACCOUNT)
def work(work_id: int) -> ResponseReturnValue:
    """Show how far a piece of work is; the page asks again by itself while it is open."""
    found = get_work(db(), work_id, actor=actor())
    ahead = count_ahead(db(), found)
    is_stuck = not ahead and now() - found.asked_at > LONG_WAIT
    page = render_template(
        "job_runs/work.html", work=found, ahead=ahead, is_stuck=is_stuck, now=now()
    )
    response = Response(page)
    if not found.is_open and "HX-Request" in request.headers:  # it was waited for: go on by itself
        response.headers.update(_onward(found))
    return response


def _onward(found: BackgroundWork) -> dict[str, str]:
    """Tell the waiting page to open the result, or itself as it is when the work has ended."""
    if found.leads_to:
        return {"HX-Redirect": request.script_root + found.leads_to}
    return {"HX-Refresh": "true"}


@bp.post("/works/<int:work_id>/cancel")
@requires(Permission.OWN_ACCOUNT)
def cancel_work(work_id: int) -> ResponseReturnValue:
    """Cancel what waits at once; what runs stops at its next step."""
    form = ActionForm()
    found = get_work(db(), work_id, actor=actor())
    if form.validate_on_submit() and accepted(
        form, lambda: service.cancel_work(db(), found, actor=actor(), now=now())
    ):
        db().commit()
        flash("已取消。正在办理的会在几秒内停止，不改动任何数据。", "ok")
    else:
        flash(form.form_errors[0], "warning")
    return redirect(url_for(".work", work_id=work_id))


@bp.get("/works/<int:work_id>/file")
@requires(Permission.OWN_ACCOUNT)
def work_file(work_id: int) -> ResponseReturnValue:
    """Download what was made. Audited; refused to whoever may not make it any more."""
    found = get_work(db(), work_id, actor=actor())
    needed = PERMISSION_OF[found.kind]
    if not may(actor(), needed):
        raise NotPermittedError(needed)
    if found.result_file is None or found.keep_until is None or found.keep_until <= now():
        raise DomainError("文件已过保留期并清理。请重新生成后下载。")
    path = ResultFiles(config().results_dir).path(found.result_file)
    response = attachment(
        path, name=found.result_name or "", media_type=found.result_type or "application/zip"
    )
    _note(found)
    return response


def _note(found: BackgroundWork) -> None:
    with database().writing() as session:
        record(
            session,
            "work_downloaded",
            actor=actor(),
            now=now(),
            object_type="background_work",
            object_id=found.id,
            detail={"kind": found.kind.value, "sha256": found.result_sha256},
        )
        session.commit()


@bp.route("/works/sizes", methods=["GET", "POST"])
@requires(Permission.SYSTEM_SETTINGS)
def sizes() -> ResponseReturnValue:
    """Set from which size work goes to the background, and how long results are kept."""
    stored = sizes_of(db())
    form = SizesForm(data=stored)
    version = version_of(*stored.values())

    def keep() -> None:
        check_shown(form, version, "后台办理设置")
        told = {name: form[name].data for name in stored}
        keep_sizes(db(), told, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, keep):
        db().commit()
        flash("后台办理设置已保存。", "ok")
        return redirect(url_for(".sizes"))
    form.version.data = str(version)
    return render_template("job_runs/sizes.html", form=form, numbers=SIZES), status_of(form)
