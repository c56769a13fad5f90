"""A task in each state with everything its next steps ask for, and each step as one call.

Only state, role and round are left to decide: the unit has written its plan and brought evidence,
the unit's liaison has submitted, nobody has opened anything, the head has asked for what a lead grants.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import PATH, Work
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.rules import FeedbackSource
from tracker.files.models import StoredFile
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.people.delegating import loans_of
from tracker.people.models import Delegation, User
from tracker.people.service import actor_of
from tracker.rectification.models import (
    DocumentEvent,
    Evidence,
    Extension,
    LongTermRequest,
    Measure,
    Task,
    TaskTransition,
    TaskUnit,
    UnitDocument,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DocumentEventKind,
    DocumentKind,
    DutyRole,
    ExtensionState,
    RequestState,
    TaskKind,
    TaskState,
)
from tracker.rectification.service import closing, issuing, plan_steps, planning, side_steps
from tracker.rectification.service.planning import set_duty
from tracker.rectification.service.steps import take_step
from tracker.rectification.service.working import Progress

S, K = TaskState, DocumentEventKind
EXTENDABLE = (S.IN_PROGRESS, S.UNIT_CHECK, S.OFFICE_REVIEW)
EXTENDING = {
    "sign_extension": ExtensionState.ASKED,
    "sign_extension_scan": ExtensionState.ASKED,
    "return_extension": ExtensionState.ASKED,
    "withdraw_extension": ExtensionState.SIGNED,
    "grant_extension": ExtensionState.SIGNED,
    "refuse_extension": ExtensionState.SIGNED,
}
SIGNING = ("sign_plan", "sign_plan_scan", "return_plan_by_head")
MEMBER_OF = {
    "liaison": "liaison_a",
    "head": "head_a",
    "deputy": "deputy_a",
    "co_liaison": "liaison_b",
    "other_liaison": "east_liaison",
    "other_head": "east_head",
    "other_clerk": "east_clerk",
    "other_lead": "east_lead",
}
LAST_STEP = {
    S.UNIT_CHECK: ("liaison_a", Verb.REQUEST_CLOSURE),
    S.OFFICE_REVIEW: ("head_a", Verb.SIGN_CLOSURE),
    S.PLAN_REVIEW: ("head_a", Verb.SIGN_PLAN),
    S.CLOSED: ("lead", Verb.CLOSE),
}


def authorise(session: Session, cast: Cast, *, today: date, now: datetime) -> None:
    """The lead lends approvals to acting_lead, unit a's head signatures to deputy_a."""
    for lender, deputy in (("lead", "acting_lead"), ("head_a", "deputy_a")):
        session.add(
            Delegation(
                from_user_id=cast.users[lender],
                to_user_id=cast.users[deputy],
                from_on=today,
                to_on=today,
                reason="出差",
                **born(actor=TESTER, now=now),
            )
        )


def person(session: Session, cast: Cast, who: str, *, today: date) -> Actor:
    """Return one of the matrix's people as the product knows them today."""
    user = session.get_one(User, cast.users[MEMBER_OF.get(who, who)])
    return actor_of(user, lent=loans_of(session, user, today=today))


def make_scenario(
    session: Session, cast: Cast, work: Work, state: TaskState, step: str, *, now: datetime
) -> Task:
    """Return a task of unit a in a state, in a feedback of its own, ready for a step."""
    stamps = born(actor=TESTER, now=now)
    feedback = Feedback(
        region_id=work.region_id,
        code=f"F-{state.value}-{step}",
        title="巡察反馈意见",
        round_id=work.round_id,
        inspection_id=work.inspection_ids["a"],
        fed_back_on=work.fed_back_on,
        profile_id=work.profile_id,
        source=FeedbackSource.CITY_INSPECTION,
        **stamps,
    )
    session.add(feedback)
    session.flush()  # tasks need its id
    task = _task(session, cast, work, feedback, state, "1", stamps)
    if step == "merge":
        _task(session, cast, work, feedback, state, "2", stamps, issue=task.issue)
    set_duty(
        session,
        task,
        DutyRole.LEAD_LEADER,
        ("方一鸣",),
        actor=cast.actor("clerk"),
        now=now,
    )
    session.flush()  # what follows needs the ids
    _history(session, cast, task, state, now=now)
    _plan(session, cast, task, state, step, stamps, now=now)
    _evidence(session, cast, task, stamps)
    if state in (S.IN_PROGRESS, S.LONG_TERM) and step != "ask_long_term":
        _request(session, cast, task, stamps, now=now)
    if step in EXTENDING and state in EXTENDABLE:
        session.add(_extension(cast, task, EXTENDING[step], stamps))
    if step == "lift_watch" and state is not S.DRAFT:
        task.watch_level, task.watched_from = "市级", work.fed_back_on
    session.flush()  # the caller reads it back
    return task


def _task(
    session: Session,
    cast: Cast,
    work: Work,
    feedback: Feedback,
    state: TaskState,
    number: str,
    stamps: dict[str, Any],
    issue: Issue | None = None,
) -> Task:
    issue = issue or Issue(
        feedback_id=feedback.id,
        inspection_id=work.inspection_ids["a"],
        region_id=work.region_id,
        issue_no=f"{feedback.code}-{number}",
        text="某项制度执行不严。",
        units=[IssueUnit(unit_id=cast.units["a"])],
        **stamps,
    )
    done = state in (S.UNIT_CHECK, S.OFFICE_REVIEW, S.CLOSED)
    task = Task(
        region_id=work.region_id,
        round_id=work.round_id,
        feedback_id=feedback.id,
        issue=issue,
        lead_unit_id=cast.units["a"],
        task_no=f"{feedback.code}-{number}",
        goal="完善制度并执行到位",
        kind=TaskKind.DATED,
        state=state,
        due_on=work.fed_back_on + timedelta(days=100),
        original_due=None
        if state in (S.DRAFT, S.ISSUED, S.PLANNING, S.PLAN_REVIEW)
        else work.fed_back_on + timedelta(days=100),
        done_on=work.fed_back_on + timedelta(days=60) if done else None,
        closed_on=work.fed_back_on + timedelta(days=70) if state is S.CLOSED else None,
        lead_dept="办公室",
        completion=CompletionClass.MOSTLY,
        co_units=[TaskUnit(unit_id=cast.units["b"])],
        measures=[Measure(seq=1, text="修订制度", **stamps)],
        **stamps,
    )
    session.add(task)
    return task


def _history(session: Session, cast: Cast, task: Task, state: TaskState, *, now: datetime) -> None:
    path = PATH[: PATH.index(state) + 1] if state in PATH else (S.DRAFT, state)
    previous = None
    for place in path:
        member, verb = LAST_STEP.get(place, ("clerk", Verb.RECORD))
        session.add(
            TaskTransition(
                task=task,
                from_state=previous,
                to_state=place,
                verb=verb.value,
                occurred_on=date(2026, 10, 20),
                recorded_at=now,
                actor=member,
                actor_user_id=cast.users[member],
            )
        )
        previous = place
        session.flush()  # history is read in the order of its ids


def _plan(
    session: Session,
    cast: Cast,
    task: Task,
    state: TaskState,
    step: str,
    stamps: dict[str, Any],
    *,
    now: datetime,
) -> None:
    plan = UnitDocument(
        feedback_id=task.feedback_id, unit_id=task.lead_unit_id, kind=DocumentKind.PLAN, **stamps
    )
    early = (S.DRAFT, S.ISSUED, S.PLANNING)
    events: tuple[DocumentEventKind, ...] = () if state in early else (K.SUBMITTED, K.SIGNED)
    if state is S.PLANNING and step in SIGNING:
        events = (K.SUBMITTED,)
    for kind in events:
        member = "head_a" if kind is K.SIGNED else "liaison_a"
        plan.events.append(
            DocumentEvent(
                kind=kind,
                occurred_on=date(2026, 10, 10),
                recorded_at=now,
                actor=member,
                actor_user_id=cast.users[member],
            )
        )
    session.add(plan)


def _evidence(session: Session, cast: Cast, task: Task, stamps: dict[str, Any]) -> None:
    session.add(
        Evidence(
            task=task,
            file=stored_file(stamps),
            title="制度文本",
            document_on=date(2026, 10, 15),
            is_confirmed_not_secret=True,
            uploader_user_id=cast.users["liaison_a"],
            **stamps,
        )
    )


def stored_file(stamps: dict[str, Any]) -> StoredFile:
    """Return a stored file whose bytes no step looks at."""
    return StoredFile(
        sha256="0" * 64,
        size_bytes=10,
        media_type="application/pdf",
        original_name="扫描件.pdf",
        extension="pdf",
        storage_name=uuid4().hex,
        stored_at=stamps["created_at"],
        stored_by=stamps["created_by"],
    )


def _request(
    session: Session, cast: Cast, task: Task, stamps: dict[str, Any], *, now: datetime
) -> None:
    session.add(
        LongTermRequest(
            task_id=task.id,
            is_resume=task.state is S.LONG_TERM,
            state=RequestState.ASKED,
            stage_goal="先建机制",
            next_review_on=date(2026, 12, 30),
            new_due=date(2026, 12, 31),
            reason="涉及历史遗留问题",
            asked_on=date(2026, 11, 1),
            asked_by="head_a",
            asker_user_id=cast.users["head_a"],
            **stamps,
        )
    )


def _extension(cast: Cast, task: Task, state: ExtensionState, stamps: dict[str, Any]) -> Extension:
    assert task.due_on is not None
    return Extension(
        task_id=task.id,
        state=state,
        old_due=task.due_on,
        new_due=task.due_on + timedelta(days=30),
        reason="汛期无法施工",
        asked_on=date(2026, 11, 1),
        asked_by="liaison_a",
        asker_user_id=cast.users["liaison_a"],
        **stamps,
    )


@dataclass
class Try:
    """One person trying one step at one task."""

    session: Session
    task: Task
    actor: Actor
    now: datetime

    @property
    def plan(self) -> UnitDocument:
        """The plan that covers the task."""
        return self.session.query(UnitDocument).filter_by(feedback_id=self.task.feedback_id).one()

    @property
    def stamps(self) -> dict[str, Any]:
        """Who and when, for rows the step brings along."""
        return born(actor=self.actor, now=self.now)

    def step(self, verb: Verb) -> object:
        """Take a step that has no service of its own."""
        return take_step(
            self.session, self.task, verb, actor=self.actor, now=self.now, reason="有理由"
        )

    def closure(self) -> Progress:
        """What the unit reports when it asks for closing."""
        return Progress(
            text="已修订并执行。",
            completion=CompletionClass.DONE,
            done_measures=frozenset(m.id for m in self.task.measures),
            done_on=date(2026, 11, 10),
        )


def _with(t: Try) -> dict[str, Any]:
    return {"actor": t.actor, "now": t.now}


CALLS: dict[str, Callable[[Try], object]] = {
    "issue": lambda t: issuing.issue_tasks(
        t.session,
        t.task.feedback,
        immediate_due=date(2026, 12, 1),
        usual_due=date(2026, 12, 1),
        **_with(t),
    ),
    "acknowledge": lambda t: issuing.acknowledge(t.session, t.task, **_with(t)),
    "add": lambda t: planning.add_plan_task(t.session, t.plan, t.task.issue, **_with(t)),
    "merge": lambda t: planning.merge_plan_task(t.session, t.task, **_with(t)),
    "submit_plan": lambda t: plan_steps.submit_plan(t.session, t.plan, **_with(t)),
    "sign_plan": lambda t: plan_steps.sign_plan(t.session, t.plan, **_with(t)),
    "sign_plan_scan": lambda t: plan_steps.sign_plan_by_scan(
        t.session, t.plan, stored_file(t.stamps), **_with(t)
    ),
    "withdraw_plan": lambda t: plan_steps.withdraw_plan(t.session, t.plan, **_with(t)),
    "return_plan_by_head": lambda t: plan_steps.return_plan_by_head(
        t.session, t.plan, "措施太笼统", **_with(t)
    ),
    "return_plan": lambda t: plan_steps.return_plan(
        t.session, t.plan, "措施太笼统", {t.task.id: "写明完成标志"}, **_with(t)
    ),
    "pass_plan": lambda t: plan_steps.pass_plan(t.session, t.plan, **_with(t)),
    "request_closure": lambda t: closing.request_closure(
        t.session, t.task, t.closure(), **_with(t)
    ),
    "sign_closure": lambda t: closing.sign_closure(t.session, t.task, **_with(t)),
    "sign_closure_scan": lambda t: closing.sign_closure_by_scan(
        t.session, t.task, stored_file(t.stamps), **_with(t)
    ),
    "return_by_head": lambda t: closing.return_by_head(t.session, t.task, "缺材料", **_with(t)),
    "withdraw_closure": lambda t: closing.withdraw_closure(t.session, t.task, **_with(t)),
    "return_closure": lambda t: closing.return_closure(
        t.session, t.task, "缺清单", "附清单", **_with(t)
    ),
    "close": lambda t: closing.close_task(t.session, t.task, opinion="同意", **_with(t)),
    "close_sustained": lambda t: closing.close_task(
        t.session,
        t.task,
        opinion="同意",
        is_sustained=True,
        next_review_on=date(2026, 12, 30),
        **_with(t),
    ),
    "reopen": lambda t: closing.reopen_task(
        t.session, t.task, "反弹", date(2026, 12, 30), **_with(t)
    ),
    "to_long_term": lambda t: side_steps.decide_long_term(
        t.session, t.task, Verb.TO_LONG_TERM, grant=True, reason="", **_with(t)
    ),
    "resume": lambda t: side_steps.decide_long_term(
        t.session, t.task, Verb.RESUME, grant=True, reason="", **_with(t)
    ),
    "void": lambda t: t.step(Verb.VOID),
    "end": lambda t: t.step(Verb.END),
    "skip": lambda t: side_steps.skip_step(t.session, t.task, **_with(t)),
    "import_running": lambda t: side_steps.register_running(
        t.session, t.task, date(2026, 12, 1), **_with(t)
    ),
    "import_closed": lambda t: t.step(Verb.IMPORT_CLOSED),
}
