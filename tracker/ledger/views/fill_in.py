"""填报表: download a unit's workbook, bring it back, preview, confirm."""

import tempfile
from pathlib import Path

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.ledger import fill_in_landing, fill_in_queries
from tracker.ledger.fill_in_comparing import Line, lines_of
from tracker.ledger.fill_in_copies import send_fill_in
from tracker.ledger.fill_in_evidence import Handed, tasks_of
from tracker.ledger.fill_in_reading import Returned, read_returned
from tracker.ledger.forms import OURS, THEIRS, NewReturnForm, ReturnForm, choices_of, files_of
from tracker.ledger.models import FillInFile, FillInReturn
from tracker.ledger.rules import BatchState
from tracker.ledger.views import bp
from tracker.rectification import monthly_queries
from tracker.rectification.models import MonthlyReport
from tracker.rectification.rules.monthly import month_of
from tracker.rectification.service import monthly
from tracker.web.access import actor, requires, row_id
from tracker.web.database import config, database, db, now, today
from tracker.web.downloads import attached
from tracker.web.forms import ActionForm, accepted, check_shown, status_of, version_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/fill-in/workbook")
@requires(Permission.TASK_REPORT)
def fill_in_workbook() -> ResponseReturnValue:
    """下载填报表 of one's own unit, or of a unit of the office; of one round or of all."""
    with database().writing() as session:
        unit = monthly_queries.unit_to_fill(session, row_id("unit"), actor=actor())
        content = send_fill_in(session, unit, row_id("round"), actor=actor(), now=now())
        name = f"{unit.short_name}整改进展填报表{today().strftime('%Y年%m月')}.xlsx"
        session.commit()
    return attached(content, name=name, media_type=XLSX)


@bp.route("/fill-in/returns/new", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def new_fill_in_return() -> ResponseReturnValue:
    """交回填报表: read it and keep it for the preview; nothing is reported yet."""
    form = NewReturnForm()
    kept: list[FillInReturn] = []
    if form.validate_on_submit() and accepted(form, lambda: kept.append(_keep(form))):
        db().commit()
        return redirect(url_for(".one_fill_in_return", fill_in_return_id=kept[0].id))
    page = render_template(
        "ledger/new_fill_in_return.html",
        form=form,
        returns=fill_in_queries.list_returns(db(), actor=actor()),
        is_unit=actor().unit_id is not None,
    )
    return page, status_of(form)


def _keep(form: NewReturnForm) -> FillInReturn:
    """Read the file in a process of its own, store it, and only then open the transaction."""
    upload = form.file.data
    name = upload.filename or ""
    if not name.lower().endswith((".xlsx", ".zip")):
        raise DomainError(
            "请交回 .xlsx 文件，或装有它和佐证材料的 .zip。用 WPS 打开过的，请另存为“Excel 文件（*.xlsx）”。"
        )
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        upload.save(folder / "upload")
        returned = read_returned(folder / "upload", name, folder)
        return _stored(returned)


def _stored(returned: Returned) -> FillInReturn:
    """Store the workbook and what lies beside it; a refusal removes the bytes again."""
    storage = FileStorage(config().evidence_dir)
    kept: list[StoredFile] = []
    try:
        with returned.book.open("rb") as data:
            kept.append(storage.store(data, returned.name, actor=actor(), now=now()))
        files = [_file(storage, path, place, kept) for path, place in returned.files]
        return fill_in_landing.keep_return(
            db(), kept[0], returned.rows, files, actor=actor(), now=now()
        )
    except DomainError:
        for file in kept:
            storage.discard(file)
        raise


def _file(storage: FileStorage, path: str, place: Path, kept: list[StoredFile]) -> FillInFile:
    """Store a file that lay beside the workbook; one that may not be uploaded is only named."""
    try:
        with place.open("rb") as data:
            kept.append(storage.store(data, path, actor=actor(), now=now()))
    except DomainError as error:
        return FillInFile(path=path, fault=str(error)[:400])
    return FillInFile(path=path, file=kept[-1])


@bp.route("/fill-in/returns/<int:fill_in_return_id>", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def one_fill_in_return(fill_in_return_id: int) -> ResponseReturnValue:
    """Show what a workbook would write, task by task; write it when that is confirmed."""
    found = fill_in_queries.get_return(db(), fill_in_return_id, actor=actor())
    form, choices = ReturnForm(), choices_of(request.form)
    refusals: dict[int, str] = {}
    reports: list[MonthlyReport] = []
    if form.validate_on_submit() and accepted(
        form, lambda: reports.extend(_apply(found, form, choices, refusals))
    ):
        db().commit()
        return _applied(found, reports)
    is_open = found.state is BatchState.PREVIEW
    lines = lines_of(db(), found, actor=actor()) if is_open else []
    form.version.data = str(_version(lines))
    page = render_template(
        "ledger/one_fill_in_return.html",
        form=form,
        found=found,
        lines=sorted(lines, key=lambda line: (not line.faults, not line.conflicts)),
        choices=choices,
        refusals=refusals,
        options=((THEIRS, "采用表格中填写的"), (OURS, "保留系统里已有的")),
        is_open=is_open,
        tasks=tasks_of(db(), found, actor=actor()) if is_open and found.files else [],
        given=request.form,
        is_other_month=found.month != month_of(today()),
        today=today(),
    )
    return page, status_of(form)


def _version(lines: list[Line]) -> int:
    """Return the version of a preview: another one once somebody has reported meanwhile."""
    return version_of([(line.row.row, line.cells, line.faults, line.notes) for line in lines])


def _apply(
    found: FillInReturn, form: ReturnForm, choices: dict[int, bool], refusals: dict[int, str]
) -> list[MonthlyReport]:
    fill_in_landing.ensure_open(found)
    lines = lines_of(db(), found, actor=actor())
    check_shown(form, _version(lines), "预览")
    tasks, days = files_of(request.form, form.document_on.data)
    handed = Handed(tasks, days, bool(form.is_confirmed_not_secret.data))
    try:
        return fill_in_landing.apply_return(db(), found, choices, handed, actor=actor(), now=now())
    except monthly.RowsRefusedError as error:
        refusals.update({task_id: str(why) for task_id, why in error.refusals.items()})
        raise


def _applied(found: FillInReturn, reports: list[MonthlyReport]) -> ResponseReturnValue:
    count = sum(each.task_id is not None and each.file is not None for each in found.files)
    beside = f"，上传材料 {count} 份" if count else ""
    flash(f"已提交 {found.tasks_written} 项{beside}，与在网页上填报相同。", "ok")
    if len(reports) == 1:
        return redirect(url_for("rectification.monthly_report", report_id=reports[0].id))
    return redirect(url_for("rectification.monthly_reports"))


@bp.post("/fill-in/returns/<int:fill_in_return_id>/cancel")
@requires(Permission.TASK_REPORT)
def cancel_fill_in_return(fill_in_return_id: int) -> ResponseReturnValue:
    """放弃 a workbook that came back; nothing of it is written."""
    form = ActionForm()
    found = fill_in_queries.get_return(db(), fill_in_return_id, actor=actor())
    if form.validate_on_submit() and accepted(
        form, lambda: fill_in_landing.cancel_return(db(), found, actor=actor(), now=now())
    ):
        db().commit()
        flash("已放弃，没有写入任何内容；文件仍保留备查。", "ok")
        return redirect(url_for(".new_fill_in_return"))
    flash(form.form_errors[0], "warning")
    return redirect(url_for(".one_fill_in_return", fill_in_return_id=fill_in_return_id))
