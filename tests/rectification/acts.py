"""What people do at a task that changes no state, each as one call."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select

from tests.rectification.scenarios import Try, stored_file
from tracker.rectification.models import Evidence
from tracker.rectification.rules.long_term import LongTermFinding
from tracker.rectification.rules.words import CompletionClass
from tracker.rectification.service import (
    co_units,
    commenting,
    confirming,
    extending,
    long_term_reviews,
    planning,
    proving,
    reviewing,
    side_steps,
    watching,
    working,
)

SAID = proving.Statement(
    title="制度文本", document_on=date(2026, 10, 15), is_confirmed_not_secret=True
)

FOUND = LongTermFinding(
    reviewed_on=date(2026, 11, 16), finding="运行正常", next_review_on=date(2026, 12, 30)
)


def _with(t: Try) -> dict[str, Any]:
    return {"actor": t.actor, "now": t.now}


def _evidence(t: Try) -> Evidence:
    return t.session.scalars(select(Evidence).where(Evidence.task_id == t.task.id)).one()


def _new_file(t: Try) -> Any:
    file = stored_file(t.stamps)
    file.sha256 = "1" * 64
    return file


def _report(t: Try) -> object:
    progress = working.Progress(text="正在修订。", completion=CompletionClass.PARTLY)
    return working.report_progress(t.session, t.task, progress, **_with(t))


def _write_plan(t: Try) -> None:
    item = planning.PlanItem(
        goal="完善制度",
        measures=("修订制度",),
        lead_leader="方一鸣",
        owners=(),
        lead_dept="办公室",
        support_depts="",
        due_on=t.task.due_on,
        is_long_term=False,
    )
    planning.write_plan_item(t.session, t.task, item, **_with(t))


def _wish(t: Try) -> object:
    wish = side_steps.LongTermWish(
        reason="涉及历史遗留问题",
        stage_goal="先建机制",
        next_review_on=date(2026, 12, 30),
        new_due=date(2026, 12, 31),
    )
    return side_steps.ask_long_term(t.session, t.task, wish, **_with(t))


def _decide(t: Try, *, grant: bool) -> None:
    extending.decide_extension(t.session, t.task, grant=grant, reason="有理由", **_with(t))


def _cosign(t: Try, *, agrees: bool) -> None:
    reviewing.cosign_closure(t.session, t.task, agrees=agrees, opinion="有理由", **_with(t))


def _watch(t: Try) -> object:
    order = watching.WatchOrder(level="巡察办挂牌督办", leader="方一鸣", reason="久拖不决")
    return watching.set_watch(t.session, t.task, order, **_with(t))


ACTS: dict[str, Callable[[Try], object]] = {
    "report_progress": _report,
    "add_evidence": lambda t: proving.add_evidence(
        t.session, t.task, _new_file(t), SAID, **_with(t)
    ),
    "revise_evidence": lambda t: proving.revise_evidence(
        t.session, _evidence(t), _new_file(t), SAID, **_with(t)
    ),
    "withdraw_evidence": lambda t: proving.withdraw_evidence(
        t.session, _evidence(t), "传错了", **_with(t)
    ),
    "write_plan": _write_plan,
    "ask_extension": lambda t: extending.ask_extension(
        t.session, t.task, date(2027, 3, 1), "汛期无法施工", **_with(t)
    ),
    "sign_extension": lambda t: extending.sign_extension(t.session, t.task, **_with(t)),
    "sign_extension_scan": lambda t: extending.sign_extension_by_scan(
        t.session, t.task, stored_file(t.stamps), **_with(t)
    ),
    "return_extension": lambda t: extending.return_extension(
        t.session, t.task, "抓紧办", **_with(t)
    ),
    "withdraw_extension": lambda t: extending.withdraw_extension(t.session, t.task, **_with(t)),
    "grant_extension": lambda t: _decide(t, grant=True),
    "refuse_extension": lambda t: _decide(t, grant=False),
    "ask_long_term": _wish,
    "review_long_term": lambda t: long_term_reviews.review_long_term(
        t.session, t.task, FOUND, **_with(t)
    ),
    "withdraw_long_term": lambda t: side_steps.withdraw_long_term(t.session, t.task, **_with(t)),
    "correct_due": lambda t: extending.correct_due(
        t.session, t.task, date(2027, 3, 1), "抄录有误", **_with(t)
    ),
    "recommend": lambda t: reviewing.recommend_closure(t.session, t.task, "建议", **_with(t)),
    "cosign": lambda t: _cosign(t, agrees=True),
    "object": lambda t: _cosign(t, agrees=False),
    "confirm_mostly": lambda t: confirming.confirm_completion(
        t.session, t.task, "属实", **_with(t)
    ),
    "watch": _watch,
    "lift_watch": lambda t: watching.lift_watch(t.session, t.task, "已见效", **_with(t)),
    "set_co_units": lambda t: co_units.set_co_units(t.session, t.task, [], **_with(t)),
    "comment": lambda t: commenting.add_comment(t.session, t.task, "请抓紧。", **_with(t)),
}
