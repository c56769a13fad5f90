"""What people do to a letter: buttons on its page, and pages for reply, return and 作废."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.files.models import StoredFile
from tracker.files.views import storage, taken_in
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.letters import LetterReasonForm, LetterReplyForm
from tracker.letters.models import Letter
from tracker.letters.queries.letters import get_letter
from tracker.letters.rules.letters import LetterVerb
from tracker.letters.service import replying, signing, writing
from tracker.letters.service.letter_steps import ensure_may
from tracker.letters.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import database, db, now
from tracker.web.forms import accepted, refusal_of_press, seen, status_of


def _press(letter_id: int, do: Callable[[Letter], object], done: str) -> ResponseReturnValue:
    """Do what a button on the letter's page says; a refusal is shown there."""
    letter = get_letter(db(), letter_id, actor=actor())
    refusal = refusal_of_press(letter, "这份函件", lambda: do(letter))
    if refusal is None:
        db().commit()
        flash(done, "ok")
    else:
        flash(refusal, "warning")
    return redirect(url_for(".letter", letter_id=letter_id))


@bp.post("/letters/<int:letter_id>/discard")
@requires(Permission.LETTER_EDIT)
def discard_letter(letter_id: int) -> ResponseReturnValue:
    """弃稿."""
    return _press(
        letter_id,
        lambda letter: writing.discard_letter(db(), letter, actor=actor(), now=now()),
        "已弃稿。没有占用编号。",
    )


@bp.post("/letters/<int:letter_id>/sign")
@requires(Permission.LETTER_SIGN)
def sign_letter(letter_id: int) -> ResponseReturnValue:
    """签发 and number."""
    return _press(
        letter_id,
        lambda letter: signing.sign_letter(db(), letter, storage(), actor=actor(), now=now()),
        "已签发并编号。送达后单位才能看到。",
    )


@bp.post("/letters/<int:letter_id>/send")
@requires(Permission.LETTER_SEND)
def send_letter(letter_id: int) -> ResponseReturnValue:
    """送达."""
    return _press(
        letter_id,
        lambda letter: signing.send_letter(db(), letter, actor=actor(), now=now()),
        "已送达，单位可以查看和签收。",
    )


@bp.post("/letters/<int:letter_id>/receive")
@requires(Permission.LETTER_REPLY)
def receive_letter(letter_id: int) -> ResponseReturnValue:
    """签收."""
    return _press(
        letter_id,
        lambda letter: replying.receive_letter(db(), letter, actor=actor(), now=now()),
        "已签收。",
    )


@bp.post("/letters/<int:letter_id>/accept-reply")
@requires(Permission.LETTER_REVIEW)
def accept_letter_reply(letter_id: int) -> ResponseReturnValue:
    """审核通过."""
    return _press(
        letter_id,
        lambda letter: replying.accept_reply(db(), letter, actor=actor(), now=now()),
        "回复已审核通过，这份函件办结。",
    )


@bp.route("/letters/<int:letter_id>/reply", methods=["GET", "POST"])
@requires(Permission.LETTER_REPLY)
def reply_letter(letter_id: int) -> ResponseReturnValue:
    """回复; the file's bytes are on disk before the transaction opens."""
    form = LetterReplyForm()
    with database().reading() as read:
        shown = get_letter(read, letter_id, actor=actor())
        ensure_may(shown, LetterVerb.REPLY, actor=actor())
    is_fine, file = taken_in(form) if form.validate_on_submit() else (False, None)
    if is_fine and accepted(form, lambda: _reply(form, letter_id, file)):
        db().commit()
        flash("回复已提交，待巡察办审核。", "ok")
        return redirect(url_for(".letter", letter_id=letter_id))
    form.version.data = str(get_letter(db(), letter_id, actor=actor()).version)
    return render_template("letters/reply_letter.html", form=form, letter=shown), status_of(form)


def _reply(form: LetterReplyForm, letter_id: int, file: StoredFile | None) -> None:
    letter = get_letter(db(), letter_id, actor=actor())
    check_version(letter, seen(form), "这份函件")
    replying.reply_to_letter(db(), letter, form.text.data or "", file, actor=actor(), now=now())


@bp.route("/letters/<int:letter_id>/return-reply", methods=["GET", "POST"])
@requires(Permission.LETTER_REVIEW)
def return_letter_reply(letter_id: int) -> ResponseReturnValue:
    """退回回复 with a reason."""
    return _decide(
        letter_id,
        LetterVerb.RETURN_REPLY,
        "return_letter_reply",
        replying.return_reply,
        "已退回，请单位补充后重新回复。",
    )


@bp.route("/letters/<int:letter_id>/void", methods=["GET", "POST"])
@requires(Permission.LETTER_SIGN)
def void_letter(letter_id: int) -> ResponseReturnValue:
    """作废 with a reason; the number stays taken."""
    return _decide(
        letter_id,
        LetterVerb.VOID,
        "void_letter",
        signing.void_letter,
        "已作废。编号保留，不再计入统计。",
    )


def _decide(
    letter_id: int, verb: LetterVerb, view: str, do: Callable[..., object], done: str
) -> ResponseReturnValue:
    letter = get_letter(db(), letter_id, actor=actor())
    ensure_may(letter, verb, actor=actor())
    form = LetterReasonForm()

    def decide() -> object:
        check_version(letter, seen(form), "这份函件")
        return do(db(), letter, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, decide):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".letter", letter_id=letter_id))
    form.version.data = str(letter.version)
    return render_template(f"letters/{view}.html", form=form, letter=letter), status_of(form)
