"""第N次提交 of a plan: what was handed in, its digest, and what changed since the one before."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.rules.certificate import code_of, grouped
from tracker.rectification.rules.plan_text import ITEM, changes, read_canonical
from tracker.rectification.service.plan_texts import compared_with, submissions_of
from tracker.rectification.views import bp
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db


@bp.get("/plan-submissions/<int:submission_id>")
@requires(Permission.TASK_READ)
def plan_submission(submission_id: int) -> ResponseReturnValue:
    """Show a kept text beside the one before it, or beside another one of the plan (`against`)."""
    kept = queries.get_submission(db(), submission_id, actor=actor())
    others = [each for each in submissions_of(db(), kept.document) if each.id != kept.id]
    wanted = row_id("against")
    if wanted is None:
        against = compared_with(kept.document, kept, others)
    else:
        against = next((each for each in others if each.id == wanted), None)
        if against is None:
            raise NotVisibleError
    text = read_canonical(kept.content)
    return render_template(
        "rectification/plan_submission.html",
        kept=kept,
        text=text,
        items=sorted(text.items.items()),
        labels=ITEM,
        code=grouped(kept.sha256),
        is_intact=code_of(kept.content) == kept.sha256,
        others=others,
        against=against,
        changes=changes(read_canonical(against.content), text) if against else [],
        signatures=[
            each
            for each in queries.signatures_of(db(), kept.document)
            if each.sha256 == kept.sha256
        ],
    )
