"""消息: what the product has told the signed-in person, and nobody else's."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.notifications import inbox as letters
from tracker.notifications.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import ActionForm, accepted


@bp.get("/messages")
@requires(Permission.OWN_ACCOUNT)
def messages() -> ResponseReturnValue:
    """List the reader's own messages, newest first."""
    found = letters.messages_of(db(), actor())
    unread = sum(message.read_at is None for message in found)
    return render_template(
        "notifications/messages.html", messages=found, unread=unread, most=letters.MOST_SHOWN
    )


@bp.post("/messages/read")
@requires(Permission.OWN_ACCOUNT)
def read_messages() -> ResponseReturnValue:
    """Note that the reader has read them all; nobody else learns of it."""
    form = ActionForm()
    if accepted(form, lambda: letters.mark_read(db(), actor(), now=now())):
        db().commit()
        flash("已全部标为已读。只有您自己看得到这个标记。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".messages"))
