"""本月填报: all open tasks of a unit on one page, and the month's report signed as a whole."""

import re
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Unit
from tracker.rectification import monthly_queries as queries
from tracker.rectification.deadlines import days_left_of
from tracker.rectification.forms import FillInRowForm, ReasonForm
from tracker.rectification.models import MonthlyReport, ProgressReport, Task
from tracker.rectification.paging import FAR
from tracker.rectification.rules.monthly import month_of
from tracker.rectification.service import monthly
from tracker.rectification.service.steps import switches_of
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import last_of_page, monthly_report_url
from tracker.rectification.views.progress import offer_measures, progress_of, stored
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import ActionForm, VersionedForm, accepted, seen, status_of

SENT = re.compile(r"t(\d{1,18})-(?:text|version)")
TYPED = re.compile(r"t(\d{1,18})-text")
GONE = "这项任务已不能填报（可能已申请销号、已销号或已由他人办理）。您填写的内容列在页面下方，请复制保存后再次提交。"


@dataclass(frozen=True)
class Row:
    """One task on the page."""

    task: Task
    form: FillInRowForm
    last: ProgressReport | None

    @property
    def is_reported(self) -> bool:
        """Whether this month has a report already."""
        return self.last is not None and self.last.reported_on >= month_of(today())

    @property
    def faults(self) -> list[str]:
        """Why the row was refused, under the task's number, for the list on top of the page."""
        typed = [error for errors in self.form.errors.values() for error in errors]
        return [f"{self.task.task_no}：{sentence}" for sentence in typed]

    @property
    def has_more(self) -> bool:
        """Whether the fields shown on demand hold something."""
        return bool(self.form.unfinished_reason.data or self.form.next_step.data)


@bp.route("/fill-in", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def fill_in() -> ResponseReturnValue:
    """Report the month: one submit for every task; an office's clerk chooses the unit (代录)."""
    if row_id("unit") is None and actor().unit_id is None:
        return redirect(url_for(".fill_in_units"))
    unit = queries.unit_to_fill(db(), row_id("unit"), actor=actor())
    form, chosen = ActionForm(), _chosen()
    rows, next_url = _rows(unit, chosen)
    standing = queries.standing_of(db(), unit.id, actor=actor(), month=month_of(today()))
    filled = [row for row in rows if row.form.is_filled(row.task.version)]
    reports: list[MonthlyReport] = []
    if form.validate_on_submit() and accepted(form, lambda: reports.extend(_save(rows, filled))):
        db().commit()
        return _reported(standing.open_tasks, len(filled), reports)
    for row in rows:
        row.form.version.data = str(row.task.version)
    page = render_template(
        "rectification/fill_in.html",
        form=form,
        unit=unit,
        rows=rows,
        standing=standing,
        rounds=queries.rounds_to_fill(db(), unit.id, actor=actor()),
        chosen=chosen,
        first_url=_page_url(chosen.round_id) if chosen.after else None,
        next_url=next_url,
        today=today(),
        days_left=days_left_of([row.task for row in rows], as_of=today()),
        gone=_gone(rows),
        faults=[fault for row in rows for fault in row.faults],
        is_own=unit.id == actor().unit_id,
        needs_sign_off=any(switches_of(row.task).sign_off for row in rows),
    )
    return page, _status(form, rows)


def _chosen() -> queries.Chosen:
    return queries.Chosen(
        round_id=row_id("round"), after=last_of_page(request.args.get("after", ""))
    )


def _rows(unit: Unit, chosen: queries.Chosen) -> tuple[list[Row], str | None]:
    """Return the page's rows and the next page's address. What is sent is what the page showed,
    whatever has moved to another page meanwhile."""
    more: list[Task] = []
    if request.method == "POST":
        tasks = queries.tasks_sent(db(), unit.id, _sent(), actor=actor())
    else:
        found = queries.tasks_to_fill(db(), unit.id, chosen, actor=actor())
        tasks, more = found[: queries.MAX_ROWS], found[queries.MAX_ROWS :]
    last = queries.last_reports(db(), [task.id for task in tasks])
    rows = [Row(task, _row_form(task, last.get(task.id)), last.get(task.id)) for task in tasks]
    return rows, _page_url(chosen.round_id, tasks[-1]) if more else None


def _sent() -> set[int]:
    return {int(found[1]) for name in request.form if (found := SENT.fullmatch(name))}


def _page_url(round_id: int | None, last: Task | None = None) -> str:
    after = f"{last.due_on or FAR}_{last.id}" if last else None
    return url_for(".fill_in", unit=row_id("unit"), round=round_id, after=after)


def _row_form(task: Task, last: ProgressReport | None) -> FillInRowForm:
    """Return a row's form: results are running totals, so they go on from the last report."""
    before = stored(last)
    going_on = (
        "completion",
        "measures",
        "undone_measures",
        "rules_made",
        "orgs_held",
        "persons_held",
        "recovered_wan",
    )
    values = {name: before[name] for name in going_on if name in before}
    form = FillInRowForm(prefix=f"t{task.id}", data=values)
    offer_measures(form, task)
    return form


def _save(rows: list[Row], filled: list[Row]) -> list[MonthlyReport]:
    faulty = [row for row in filled if not row.form.validate()]
    if _gone(rows):
        raise DomainError(GONE)
    if faulty:
        raise DomainError(f"有 {len(faulty)} 项填写有误，请按提示改好后再提交。")
    taken = [
        monthly.FilledRow(task=row.task, seen=seen(row.form), progress=progress_of(row.form))
        for row in filled
    ]
    try:
        return monthly.report_month(db(), taken, actor=actor(), now=now())
    except monthly.RowsRefusedError as error:
        _tell_rows(filled, error.refusals)
        raise


def _tell_rows(rows: list[Row], refusals: dict[int, DomainError]) -> None:
    for row in rows:
        if (error := refusals.get(row.task.id)) is not None:
            row.form.form_errors.append(str(error))
            row.form.is_stale = monthly.is_stale(error)
            row.form.compare_with(stored(row.last))


def _gone(rows: list[Row]) -> list[str]:
    """Return texts typed for tasks that are no longer on the page."""
    here = {str(row.task.id) for row in rows}
    return [
        value.strip()
        for name, value in request.form.items()
        if (found := TYPED.fullmatch(name)) and found[1] not in here and value.strip()
    ]


def _status(form: ActionForm, rows: list[Row]) -> int:
    return 409 if any(row.form.is_stale for row in rows) else status_of(form)


def _reported(total: int, filled: int, reports: list[MonthlyReport]) -> ResponseReturnValue:
    left = total - filled
    flash(f"已提交 {filled} 项。" + (f"另有 {left} 项这次没有填写。" if left else ""), "ok")
    if len(reports) == 1:
        return redirect(monthly_report_url(reports[0].id))
    return redirect(url_for(".monthly_reports"))


@bp.get("/fill-in/units")
@requires(Permission.WRITE_ON_BEHALF)
def fill_in_units() -> ResponseReturnValue:
    """Choose the unit to write for: who has reported this month, and who has not."""
    month = month_of(today())
    units = queries.units_to_fill(db(), actor=actor(), month=month)
    return render_template("rectification/fill_in_units.html", units=units, month=month)


@bp.get("/monthly-reports")
@requires(Permission.TASK_READ)
def monthly_reports() -> ResponseReturnValue:
    """List the months' reports this person may see."""
    reports = queries.list_reports(db(), actor=actor())
    return render_template("rectification/monthly_reports.html", reports=reports)


@bp.get("/monthly-reports/<int:report_id>")
@requires(Permission.TASK_READ)
def monthly_report(report_id: int) -> ResponseReturnValue:
    """Show a month's report: every line, what is missing, how it was signed."""
    report = queries.get_report(db(), report_id, actor=actor())
    missing = queries.not_reported(db(), report, actor=actor())
    is_cut = len(missing) > queries.MAX_ROWS
    missing = missing[: queries.MAX_ROWS]
    return render_template(
        "rectification/monthly_report.html",
        report=report,
        missing=missing,
        is_cut=is_cut,
        days_left=days_left_of(missing, as_of=today()),
        may_sign=monthly.may_sign(report, actor=actor()),
        may_bring_scan=monthly.may_bring_scan(report, actor=actor()),
        pledge=monthly.PLEDGE,
    )


@bp.post("/monthly-reports/<int:report_id>/sign")
@requires(Permission.TASK_SIGN)
def sign_monthly_report(report_id: int) -> ResponseReturnValue:
    """签字背书 of the report as it was seen."""
    report = queries.get_report(db(), report_id, actor=actor())
    form = VersionedForm()

    def sign() -> None:
        check_version(report, seen(form), "这份月报")
        monthly.sign_month(db(), report, actor=actor(), now=now())

    if accepted(form, sign):
        db().commit()
        flash("已审签，月报已报送巡察办。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(monthly_report_url(report_id))


@bp.route("/monthly-reports/<int:report_id>/return", methods=["GET", "POST"])
@requires(Permission.TASK_SIGN)
def return_monthly_report(report_id: int) -> ResponseReturnValue:
    """The head sends the report back to the liaison."""
    report = queries.get_report(db(), report_id, actor=actor())
    monthly.ensure_own_report(report, Permission.TASK_SIGN, actor=actor())
    form = ReasonForm()

    def send_back() -> None:
        check_version(report, seen(form), "这份月报")
        monthly.return_month(db(), report, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, send_back):
        db().commit()
        flash("已退回联络员。", "ok")
        return redirect(monthly_report_url(report_id))
    form.version.data = str(report.version)
    page = render_template("rectification/return_monthly_report.html", form=form, report=report)
    return page, status_of(form)
