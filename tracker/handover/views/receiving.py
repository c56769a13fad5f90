"""岗位交接: what whoever arrived takes over, and says so."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.handover.forms import ReceiveForm
from tracker.handover.models import PostChange, PostChangeItem
from tracker.handover.queries import posts as queries
from tracker.handover.service import post_changes as service
from tracker.handover.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rectification.rules.words import TaskState
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, seen, status_of


@bp.get("/received-posts")
@requires(Permission.POST_CHANGE_ACKNOWLEDGE)
def received_posts() -> ResponseReturnValue:
    """List what was passed to this person."""
    rows = queries.changes_for(db(), actor=actor())
    return render_template("handover/received_posts.html", changes=rows)


@bp.route("/received-posts/<int:change_id>", methods=["GET", "POST"])
@requires(Permission.POST_CHANGE_ACKNOWLEDGE)
def received_post(change_id: int) -> ResponseReturnValue:
    """Show the list; 已知悉并接收."""
    change = queries.get_change_for(db(), change_id, actor=actor())
    form = ReceiveForm()

    def save() -> None:
        check_version(change, seen(form), "这份交接")
        service.acknowledge_change(db(), change, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"已知悉并接收 {len(_shown(change))} 项。", "ok")
        return redirect(url_for(".received_post", change_id=change_id))
    form.version.data = str(change.version)
    page = render_template(
        "handover/received_post.html", form=form, change=change, items=_shown(change)
    )
    return page, status_of(form)


def _shown(change: PostChange) -> list[PostChangeItem]:
    """Return what passed, without tasks that the office has not issued yet."""
    return [
        item
        for item in change.items
        if not item.is_kept and (item.task is None or item.task.state is not TaskState.DRAFT)
    ]
