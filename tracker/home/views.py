"""工作台: what waits for me, what is late, what came about."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tracker.handover.queries.clues import count_unanswered
from tracker.home import queries
from tracker.job_runs.work_queries import own_works
from tracker.kernel.permissions import Permission, may
from tracker.letters.queries.letters import on_the_desk
from tracker.letters.rules.letters import awaits_reply
from tracker.rectification.deadlines import days_left_of
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> ResponseReturnValue:
    """Show what waits for the signed-in person."""
    who = actor()
    missing_year = queries.missing_notice(db(), actor=who, today=today())
    worries = queries.worries(db(), actor=who, now=now())
    background = own_works(db(), actor=who, now=now())
    if not may(who, Permission.TASK_READ):
        return render_template(
            "home/index.html",
            counts=None,
            missing_year=missing_year,
            worries=worries,
            background=background,
        )
    waiting = queries.waiting(db(), actor=who)
    late = queries.late(db(), actor=who, today=today())
    soon = queries.soon(db(), actor=who, today=today())
    return render_template(
        "home/index.html",
        counts=queries.counts(db(), actor=who, today=today()),
        queue=queries.queue_lengths(db(), actor=who),
        waiting=waiting,
        late=late,
        soon=soon,
        days_left=days_left_of([*waiting, *late, *soon], as_of=today()),
        today=today(),
        letters=on_the_desk(db(), actor=who),
        clues=count_unanswered(db(), actor=who, today=today()),
        awaits_reply=awaits_reply,
        happened=queries.happened(db(), actor=who, now=now()),
        silent=queries.silent_watches(db(), actor=who, today=today()),
        missing_year=missing_year,
        worries=worries,
        background=background,
        as_of=today(),
    )
