"""The dictionary of letters: each office keeps its own names and 机关代字."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.letters.forms.letters import LetterKindForm
from tracker.letters.queries.words import letter_kind, letter_kinds
from tracker.letters.rules.words import LetterKindWords
from tracker.letters.service.kinds import keep_kind, new_code
from tracker.letters.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, given, seen, status_of


@bp.get("/letter-kinds")
@requires(Permission.LETTER_EDIT)
def kinds() -> ResponseReturnValue:
    """List the kinds of letters of this office."""
    return render_template("letters/kinds.html", kinds=letter_kinds(db(), own_region()))


@bp.route("/letter-kinds/new", methods=["GET", "POST"])
@requires(Permission.LETTER_EDIT)
def new_kind() -> ResponseReturnValue:
    """Add a kind of one's own."""
    form = LetterKindForm(data={"is_active": True, "needs_reply": True, "reply_days": 15})
    if form.validate_on_submit() and accepted(
        form, lambda: _keep(form, new_code(db(), own_region()))
    ):
        db().commit()
        flash("已增加。", "ok")
        return redirect(url_for(".kinds"))
    return render_template("letters/new_kind.html", form=form), status_of(form)


@bp.route("/letter-kinds/<code>/edit", methods=["GET", "POST"])
@requires(Permission.LETTER_EDIT)
def edit_kind(code: str) -> ResponseReturnValue:
    """Change a kind; letters drafted before keep their words."""
    kind = letter_kind(db(), own_region(), code)
    form = LetterKindForm(obj=kind)
    if form.validate_on_submit() and accepted(form, lambda: _keep(form, kind.code)):
        db().commit()
        flash("已保存，此后拟稿的函件按新的设置办理。", "ok")
        return redirect(url_for(".kinds"))
    form.version.data = str(kind.version)
    return render_template("letters/edit_kind.html", form=form, kind=kind), status_of(form)


def _keep(form: LetterKindForm, code: str) -> None:
    kind = LetterKindWords(
        code=code,
        label=form.label.data or "",
        organ_code=form.organ_code.data or "",
        organ_name=form.organ_name.data or "",
        needs_reply=bool(form.needs_reply.data),
        reply_days=given(form.reply_days.data),
        is_active=bool(form.is_active.data),
        version=seen(form),
    )
    keep_kind(db(), own_region(), kind, actor=actor(), now=now())
