"""整改抽查复核: the list, a draw, its proof, its sheet."""

import io
import secrets

from flask import Response, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.kernel.permissions import Permission
from tracker.letters.forms.spot_checks import DrawForm
from tracker.letters.models.spot_checks import SpotCheck
from tracker.letters.queries import spot_checks as queries
from tracker.letters.rules.sampling import SizeKind
from tracker.letters.rules.spot_checks import CheckOutcome, summary
from tracker.letters.service import spot_checks as service
from tracker.letters.service.check_sheet import sheet_docx, sheet_of
from tracker.letters.views import bp
from tracker.rounds.queries import list_rounds
from tracker.web.access import actor, own_region, requires
from tracker.web.database import database, db, now, today
from tracker.web.forms import accepted, given, status_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ALL_ROUNDS = 0


@bp.get("/spot-checks")
@requires(Permission.SPOT_CHECK_READ)
def spot_checks() -> ResponseReturnValue:
    """List the office's spot checks."""
    counts = queries.spot_check_counts(db(), own_region(), as_of=today(), actor=actor())
    return render_template(
        "letters/spot_checks.html",
        checks=queries.list_spot_checks(db(), actor=actor()),
        said=_said,
        total=summary(*counts),
        as_of=today(),
    )


def _said(check: SpotCheck) -> str:
    done = [item for item in check.items if item.outcome is not None]
    return summary(len(done), sum(1 for item in done if item.outcome is CheckOutcome.FAILED))


@bp.route("/spot-checks/new", methods=["GET", "POST"])
@requires(Permission.SPOT_CHECK_EDIT)
def new_spot_check() -> ResponseReturnValue:
    """Draw a sample."""
    form = DrawForm(data={"closed_to": today(), "size_kind": "share", "size_value": 10})
    rounds = [(tour.id, tour.name) for tour in list_rounds(db(), actor=actor())]
    form.round_id.choices = [(ALL_ROUNDS, "不限轮次（全部已销号任务）"), *rounds]
    made: list[SpotCheck] = []

    def save() -> None:
        made.append(service.draw_sample(db(), own_region(), _order(form), actor=actor(), now=now()))

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"已抽取 {len(made[0].items)} 项。请打印核查表，实地核查后登记结果。", "ok")
        return redirect(url_for(".spot_check", check_id=made[0].id))
    return render_template("letters/new_spot_check.html", form=form), status_of(form)


def _order(form: DrawForm) -> service.DrawOrder:
    return service.DrawOrder(
        wanted=queries.Wanted(
            closed_from=given(form.closed_from.data),
            closed_to=given(form.closed_to.data),
            round_id=form.round_id.data or None,
            with_historic=bool(form.with_historic.data),
        ),
        size_kind=SizeKind(form.size_kind.data),
        size_value=given(form.size_value.data),
        seed=form.seed.data or secrets.token_hex(8),
    )


@bp.get("/spot-checks/<int:check_id>")
@requires(Permission.SPOT_CHECK_READ)
def spot_check(check_id: int) -> ResponseReturnValue:
    """Show what was drawn and what was found."""
    check = queries.get_spot_check(db(), check_id, actor=actor())
    return render_template("letters/spot_check.html", check=check, said=_said(check))


@bp.get("/spot-checks/<int:check_id>/redraw")
@requires(Permission.SPOT_CHECK_READ)
def redraw(check_id: int) -> ResponseReturnValue:
    """重新抽取核对: draw again from what was kept, and say whether it is the same."""
    check = queries.get_spot_check(db(), check_id, actor=actor())
    return render_template("letters/redraw.html", check=check, again=service.redraw(check))


@bp.get("/spot-checks/<int:check_id>/frame")
@requires(Permission.SPOT_CHECK_READ)
def spot_check_frame(check_id: int) -> ResponseReturnValue:
    """Download the list of candidates, byte for byte as it was hashed."""
    check = queries.get_spot_check(db(), check_id, actor=actor())
    _note_download(check, "frame")
    return _sent(check.frame.encode(), f"{check.name}清单.txt", "text/plain")


@bp.get("/spot-checks/<int:check_id>/sheet")
@requires(Permission.SPOT_CHECK_READ)
def spot_check_sheet(check_id: int) -> ResponseReturnValue:
    """Show the check sheet, made for paper."""
    check = queries.get_spot_check(db(), check_id, actor=actor())
    return render_template("letters/spot_check_sheet.html", sheet=sheet_of(db(), check))


@bp.get("/spot-checks/<int:check_id>/docx")
@requires(Permission.SPOT_CHECK_READ)
def spot_check_docx(check_id: int) -> ResponseReturnValue:
    """Download the check sheet for Word."""
    check = queries.get_spot_check(db(), check_id, actor=actor())
    content = sheet_docx(sheet_of(db(), check))
    _note_download(check, "docx")
    return _sent(content, f"{check.name}核查表.docx", DOCX)


def _sent(content: bytes, name: str, media_type: str) -> Response:
    return send_file(
        io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name
    )


def _note_download(check: SpotCheck, what: str) -> None:
    with database().writing() as session:
        record(
            session,
            "spot_check_downloaded",
            actor=actor(),
            now=now(),
            object_type="spot_check",
            object_id=check.id,
            detail={"file": what},
        )
        session.commit()
