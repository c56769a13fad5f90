"""Three months of an office, played with a seed: who does what to which task on which working day.

Everybody acts through the services, each act in a transaction of its own. What is played next leans
towards what has been played least, so that every step of the path comes up.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.rectification.scenarios import stored_file
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.rules import FeedbackSource
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.people.delegating import loans_of
from tracker.people.models import Delegation, User
from tracker.people.service import actor_of
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.transitions import TABLE, Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DocumentEventKind,
    DocumentKind,
    TaskState,
)
from tracker.rectification.service import (
    closing,
    extending,
    issuing,
    plan_steps,
    planning,
    proving,
    side_steps,
)
from tracker.rectification.service.document_events import last_event
from tracker.rectification.service.planning import PlanItem
from tracker.rectification.service.steps import take_step
from tracker.rectification.service.working import Progress
from tracker.rounds.models import Round

S, V = TaskState, Verb
Play = Callable[["Act"], object]


@dataclass
class Act:
    """One person about to do one thing to one task, inside a transaction."""

    session: Session
    task: Task
    actor: Actor
    now: datetime
    rng: random.Random

    @property
    def by(self) -> dict[str, Any]:
        """Who and when."""
        return {"actor": self.actor, "now": self.now}

    @property
    def plan(self) -> UnitDocument:
        """The unit's plan that covers the task."""
        query = select(UnitDocument).where(
            UnitDocument.feedback_id == self.task.feedback_id,
            UnitDocument.unit_id == self.task.lead_unit_id,
            UnitDocument.kind == DocumentKind.PLAN,
        )
        found = self.session.scalar(query)
        if found is None:
            raise DomainError("还没有方案。")
        return found

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.date()

    def later(self, days: int) -> date:
        """A day after today."""
        return self.today + timedelta(days=days)


def _issue(act: Act) -> None:
    issuing.issue_tasks(act.session, act.task.feedback, usual_due=act.later(60), **act.by)


def _submit_plan(act: Act) -> None:
    """Write what is missing, then hand in the whole plan."""
    if last_event(act.plan) is DocumentEventKind.SUBMITTED:
        raise DomainError("已提交")
    for task in planning.tasks_of_plan(act.session, act.plan):
        if task.state is S.ISSUED:
            issuing.acknowledge(act.session, task, **act.by)
        if task.state is S.PLANNING:
            planning.write_plan_item(act.session, task, _item(act), **act.by)
    plan_steps.submit_plan(act.session, act.plan, **act.by)


def _item(act: Act) -> PlanItem:
    return PlanItem(
        goal="制度完善、执行到位",
        measures=("修订制度", "开展自查"),
        lead_leader="方一鸣",
        owners=("柳青",),
        lead_dept="办公室",
        support_depts="",
        due_on=act.later(act.rng.randint(10, 40)),
        is_long_term=False,
    )


def _request_closure(act: Act) -> None:
    """Report, bring evidence or say why there is none, and ask for closing."""
    with_evidence = act.rng.random() < 0.7
    if with_evidence:
        _evidence(act)
    progress = Progress(
        text="已修订并执行。",
        completion=CompletionClass.DONE,
        done_measures=frozenset(measure.id for measure in act.task.measures),
        done_on=act.today,
        no_evidence_reason="" if with_evidence else "口头部署，无书面材料",
    )
    closing.request_closure(act.session, act.task, progress, **act.by)


def _evidence(act: Act) -> None:
    said = proving.Statement(title="制度文本", document_on=act.today, is_confirmed_not_secret=True)
    proving.add_evidence(act.session, act.task, _file(act), said, **act.by)


def _file(act: Act) -> Any:
    return stored_file(born(actor=act.actor, now=act.now))


def _decide(verb: Verb) -> Play:
    """The head asks for it on the same day the lead decides."""
    return lambda act: side_steps.decide_long_term(
        act.session, act.task, verb, grant=True, reason="", **act.by
    )


def _close(act: Act) -> None:
    is_sustained = act.rng.random() < 0.2
    closing.close_task(
        act.session,
        act.task,
        opinion="同意",
        is_sustained=is_sustained,
        next_review_on=act.later(60) if is_sustained else None,
        **act.by,
    )


def _step(verb: Verb) -> Play:
    return lambda act: take_step(act.session, act.task, verb, reason="按程序办理", **act.by)


PLAYS: dict[Verb, Play] = {
    V.ISSUE: _issue,
    V.IMPORT_RUNNING: lambda a: side_steps.register_running(a.session, a.task, a.later(30), **a.by),
    V.ACKNOWLEDGE: lambda a: issuing.acknowledge(a.session, a.task, **a.by),
    V.ADD: lambda a: planning.add_plan_task(a.session, a.plan, a.task.issue, **a.by),
    V.MERGE: lambda a: planning.merge_plan_task(a.session, a.task, **a.by),
    V.SUBMIT_PLAN: _submit_plan,
    V.SIGN_PLAN: lambda a: plan_steps.sign_plan(a.session, a.plan, **a.by),
    V.SIGN_PLAN_SCAN: lambda a: plan_steps.sign_plan_by_scan(a.session, a.plan, _file(a), **a.by),
    V.WITHDRAW_PLAN: lambda a: plan_steps.withdraw_plan(a.session, a.plan, **a.by),
    V.RETURN_PLAN: lambda a: plan_steps.return_plan(a.session, a.plan, "措施太笼统", {}, **a.by),
    V.PASS_PLAN: lambda a: plan_steps.pass_plan(a.session, a.plan, **a.by),
    V.REQUEST_CLOSURE: _request_closure,
    V.SIGN_CLOSURE: lambda a: closing.sign_closure(a.session, a.task, **a.by),
    V.SIGN_CLOSURE_SCAN: lambda a: closing.sign_closure_by_scan(
        a.session, a.task, _file(a), **a.by
    ),
    V.RETURN_BY_HEAD: lambda a: closing.return_by_head(a.session, a.task, "缺清单", **a.by),
    V.WITHDRAW_CLOSURE: lambda a: closing.withdraw_closure(a.session, a.task, **a.by),
    V.RETURN_CLOSURE: lambda a: closing.return_closure(
        a.session, a.task, "缺清单", "附清单", **a.by
    ),
    V.CLOSE: _close,
    V.REOPEN: lambda a: closing.reopen_task(a.session, a.task, "反弹", a.later(20), **a.by),
    V.TO_LONG_TERM: _decide(V.TO_LONG_TERM),
    V.RESUME: _decide(V.RESUME),
    V.VOID: _step(V.VOID),
    V.END: _step(V.END),
    V.SKIP: lambda a: side_steps.skip_step(a.session, a.task, **a.by),
}
UNIT_MEMBERS = {"a": ("liaison_a", "head_a", "deputy_a"), "b": ("liaison_b", "head_b")}
OFFICE_MEMBERS = ("clerk", "lead", "acting_lead")
RARE = frozenset({V.VOID, V.END, V.MERGE, V.ADD})  # at most a handful, or nothing is left to play


@dataclass
class Month:
    """The play: a database, a cast, a seed, and what has been done so far."""

    database: Database
    cast: Cast
    seed: int
    rng: random.Random = field(init=False)
    done: Counter[Verb] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Start the dice."""
        self.rng = random.Random(self.seed)

    def person(self, session: Session, name: str, now: datetime) -> Actor:
        """Return somebody as the product knows them today."""
        user = session.get_one(User, self.cast.users[name])
        return actor_of(user, lent=loans_of(session, user, today=now.date()))

    def play_day(self, day: date) -> None:
        """Let people act on every task that is still in play, in a drawn order."""
        with self.database.reading() as session:
            ids = list(session.scalars(select(Task.id).order_by(Task.id)))
        for hour, share in ((9, 0.8), (14, 0.4)):
            self.rng.shuffle(ids)
            for number, task_id in enumerate(ids):
                if self.rng.random() < share:
                    self.act(task_id, at_local(day, hour) + timedelta(minutes=number))

    def act(self, task_id: int, now: datetime) -> None:
        """Let one drawn person do one drawn thing; what is refused leaves nothing behind."""
        with self.database.writing() as session:
            task = session.get_one(Task, task_id)
            verb = self._choose(task)
            unit = "a" if task.lead_unit_id == self.cast.units["a"] else "b"
            self._beside(session, task, unit, now)
            if verb is None:
                session.commit()
                return
            who = self.rng.choice(UNIT_MEMBERS[unit] + OFFICE_MEMBERS)
            try:
                actor = self.person(session, who, now)
                PLAYS[verb](Act(session, task, actor, now, self.rng))
            except DomainError as refusal:
                self.refused[type(refusal).__name__] += 1
                session.rollback()
                return
            session.commit()
            self.done[verb] += 1

    def _choose(self, task: Task) -> Verb | None:
        """Return a step of the table from here; the least played at least every second time."""
        possible = [row.verb for row in TABLE if task.state in row.sources and row.verb in PLAYS]
        possible = [verb for verb in possible if verb is not V.ADD]
        if task.state is S.PLANNING:
            possible.append(V.ADD)  # it makes one more task of the same issue
        possible = [v for v in possible if v not in RARE or self.done[v] < 6]
        if not possible:
            return None
        if self.rng.random() < 0.6:
            return min(possible, key=lambda verb: (self.done[verb], verb.value))
        return self.rng.choice(possible)

    def _beside(self, session: Session, task: Task, unit: str, now: datetime) -> None:
        """Now and then: a wish for long-term work, a correction, an extension on its way."""
        plays: dict[str, tuple[str, Callable[[Actor], object]]] = {
            "ask long term": (
                f"head_{unit}",
                lambda who: side_steps.ask_long_term(
                    session,
                    task,
                    side_steps.LongTermWish(
                        reason="历史遗留",
                        stage_goal="先建机制",
                        next_review_on=now.date() + timedelta(days=60),
                        new_due=now.date() + timedelta(days=60),
                    ),
                    actor=who,
                    now=now,
                ),
            ),
            "ask extension": (
                f"liaison_{unit}",
                lambda who: extending.ask_extension(
                    session, task, now.date() + timedelta(days=70), "汛期施工", actor=who, now=now
                ),
            ),
            "sign extension": (
                f"head_{unit}",
                lambda who: extending.sign_extension(session, task, actor=who, now=now),
            ),
            "return extension": (
                f"head_{unit}",
                lambda who: extending.return_extension(
                    session, task, "抓紧办理", actor=who, now=now
                ),
            ),
            "withdraw extension": (
                f"liaison_{unit}",
                lambda who: extending.withdraw_extension(session, task, actor=who, now=now),
            ),
            "decide extension": (
                "lead",
                lambda who: extending.decide_extension(
                    session, task, grant=self.rng.random() < 0.7, reason="", actor=who, now=now
                ),
            ),
            "correct due": (
                "lead",
                lambda who: extending.correct_due(
                    session, task, now.date() + timedelta(days=45), "录入有误", actor=who, now=now
                ),
            ),
        }
        name = min(self.rng.sample(sorted(plays), 2), key=lambda each: self.beside[each])
        who, play = plays[name]
        with session.begin_nested() as savepoint:
            try:
                play(self.person(session, who, now))
                self.beside[name] += 1
            except DomainError:
                savepoint.rollback()
                session.expire_all()


def make_rounds(session: Session, cast: Cast, first: Round, *, now: datetime) -> list[Round]:
    """Return three rounds of the city: the whole path, no sign-off, and one that will be shortened."""
    rounds = [first]
    for seq, columns in ((4, {"needs_sign_off": False}), (5, {})):
        copy = Round(
            region_id=first.region_id,
            term_id=first.term_id,
            code=f"R7-{seq}",
            seq=seq,
            name=f"第{seq}轮巡察",
            kind=first.kind,
            status=first.status,
            profile_id=first.profile_id,
            **columns,
            **born(actor=TESTER, now=now),
        )
        session.add(copy)
        rounds.append(copy)
    for tour in rounds:
        tour.allows_ending, tour.allows_late_extension, tour.max_extensions = True, True, 9
    session.flush()  # feedback needs their ids
    return rounds


def make_feedbacks(
    session: Session,
    cast: Cast,
    rounds: list[Round],
    *,
    issues: int,
    fed_back_on: date,
    now: datetime,
) -> None:
    """Make issues of both units in every round, in draft, spread over feedbacks of a few each."""
    stamps = born(actor=TESTER, now=now)
    for number in range(issues):
        tour, unit = rounds[number % len(rounds)], "ab"[number % 2]
        code = f"F{tour.seq}{unit}{number // 12}"
        feedback = session.scalar(select(Feedback).where(Feedback.code == code))
        if feedback is None:
            feedback = Feedback(
                region_id=tour.region_id,
                code=code,
                title="巡察反馈意见",
                round_id=tour.id,
                fed_back_on=fed_back_on,
                profile_id=tour.profile_id,
                source=FeedbackSource.CITY_INSPECTION,
                **stamps,
            )
            session.add(feedback)
            session.flush()  # the issue needs its id
        issue = Issue(
            feedback_id=feedback.id,
            region_id=tour.region_id,
            issue_no=f"{number:03d}",
            text=f"问题{number}：某项制度执行不严。",
            units=[IssueUnit(unit_id=cast.units[unit])],
            **stamps,
        )
        session.add(issue)
        session.flush()  # the draft needs its id
        issuing.draft_tasks(session, issue, actor=cast.actor("clerk"), now=now)


def lend_for(session: Session, cast: Cast, first: date, last: date, *, now: datetime) -> None:
    """The lead and head of unit a lend their powers for the whole time."""
    for lender, deputy in (("lead", "acting_lead"), ("head_a", "deputy_a")):
        session.add(
            Delegation(
                from_user_id=cast.users[lender],
                to_user_id=cast.users[deputy],
                from_on=first,
                to_on=last,
                reason="外出",
                **born(actor=TESTER, now=now),
            )
        )
