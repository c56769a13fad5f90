"""批量办理: the same rules as one by one; each task for itself; nothing outside the scope."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.bench.statements import counted
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.audit.service import first_broken_link
from tracker.feedback.models import Feedback
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission, may
from tracker.rectification.models import DueChange, Review, Task, TaskTransition
from tracker.rectification.rules.bulk import MAX_TASKS, BulkVerb, BulkWish, offered
from tracker.rectification.rules.words import CompletionClass, TaskKind, TaskState
from tracker.rectification.service import bulk
from tracker.rectification.service.bulk import ELSEWHERE, Outcome, do_bulk, foresee
from tracker.rectification.service.issuing import acknowledge
from tracker.rectification.service.reviewing import recommend_closure

S, V = TaskState, BulkVerb
DONE = date(2026, 11, 12)
DUE = date(2026, 12, 1)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def other(database: Database, people: Cast, clock: ManualClock) -> Work:
    """The eastern county's own round."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), region="east", units=("e",))
        session.commit()
    return made


class Office:
    """Makes tasks and does things to them, each in a transaction of its own."""

    def __init__(self, database: Database, people: Cast, clock: ManualClock) -> None:
        self.database, self.people, self.clock = database, people, clock

    def tasks(
        self, work: Work, *states: TaskState, unit: str = "a", **changes: object
    ) -> list[int]:
        with self.database.writing() as session:
            made = [
                work.task(
                    session,
                    self.people,
                    unit=unit,
                    state=state,
                    now=self.clock.now(),
                    **{  # type: ignore[arg-type]
                        "done_on": DONE if state is S.OFFICE_REVIEW else None,
                        **changes,
                    },
                )
                for state in states
            ]
            session.commit()
            return [task.id for task in made]

    def do(self, who: str, ids: list[int], verb: BulkVerb, **wish: object) -> Outcome:
        with self.database.writing() as session:
            outcome = do_bulk(
                session,
                BulkWish(verb=verb, **wish),  # type: ignore[arg-type]
                {**dict.fromkeys(ids, 0), **self.versions(ids)},
                actor=self.people.actor(who),
                now=self.clock.now(),
            )
            session.commit()
            return outcome

    def versions(self, ids: list[int]) -> dict[int, int]:
        """Return the tasks' row versions, as a page opened now would carry them."""
        with self.database.reading() as session:
            query = select(Task.id, Task.version).where(Task.id.in_(ids))
            return {row.id: row.version for row in session.execute(query)}

    def states(self, ids: list[int]) -> list[TaskState]:
        with self.database.reading() as session:
            found = {
                task.id: task.state
                for task in session.scalars(select(Task).where(Task.id.in_(ids)))
            }
        return [found[each] for each in ids]

    def audited(self, action: str) -> list[int | None]:
        with self.database.reading() as session:
            assert first_broken_link(session) is None
            query = select(AuditEntry.object_id).where(AuditEntry.action == action)
            return list(session.scalars(query.order_by(AuditEntry.seq)))


@pytest.fixture
def office(database: Database, people: Cast, clock: ManualClock) -> Office:
    return Office(database, people, clock)


def reasons(outcome: Outcome) -> dict[int, str | None]:
    return {line.task.id: line.refusal for line in outcome.skipped}


def test_closing_many_does_what_it_may_and_tells_why_it_skipped_the_rest(
    office: Office, work: Work, people: Cast, clock: ManualClock
) -> None:
    good = office.tasks(work, S.OFFICE_REVIEW, S.OFFICE_REVIEW)
    early = office.tasks(work, S.IN_PROGRESS)
    undated = office.tasks(work, S.OFFICE_REVIEW, done_on=None)
    own = office.tasks(work, S.OFFICE_REVIEW)
    with office.database.writing() as session:
        recommend_closure(
            session,
            session.get_one(Task, own[0]),
            "",
            actor=people.actor("clerk"),
            now=clock.now(),
        )
        review = select(Review.reviewer_user_id)
        assert session.scalar(review) == people.users["clerk"]
        session.commit()
    outcome = office.do(
        "lead",
        [*good, *early, *undated, *own, 999_999],
        V.CLOSE,
        note="同意",
        is_sustained=True,
        next_review_on=date(2027, 1, 15),
    )
    assert [line.task.id for line in outcome.done] == [*good, *own]
    assert outcome.missing == 1
    why = reasons(outcome)
    assert "不能“销号”" in str(why[early[0]])
    assert why[undated[0]] == "请填写完成日期。"
    assert office.states([*good, *early, *undated]) == [
        S.CLOSED,
        S.CLOSED,
        S.IN_PROGRESS,
        S.OFFICE_REVIEW,
    ]
    assert office.audited("task_close") == [*good, *own]
    assert len(office.audited("bulk_work")) == 1
    with office.database.reading() as session:
        closed = session.get_one(Task, good[0])
        assert (closed.is_sustained, closed.closed_on) == (True, date(2026, 11, 16))
        opinions = session.scalars(select(Review.reason).where(Review.outcome == "closed")).all()
        assert set(opinions) == {"同意"}


def test_a_task_refused_half_way_is_left_exactly_as_it_was(
    office: Office, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused after its step was written: step and trail are undone, those around it stay."""
    ids = office.tasks(work, S.ISSUED, S.ISSUED, S.ISSUED)
    with office.database.reading() as session:
        before = session.get_one(Task, ids[1]).version

    def late_refusal(session: Session, task: Task, **who: Any) -> None:
        acknowledge(session, task, **who)
        session.flush()  # it is in the database already
        if task.id == ids[1]:
            raise DomainError("半路拒绝")

    monkeypatch.setattr(bulk, "acknowledge", late_refusal)
    outcome = office.do("liaison_a", ids, V.ACKNOWLEDGE)
    assert reasons(outcome) == {ids[1]: "半路拒绝"}
    assert office.states(ids) == [S.PLANNING, S.ISSUED, S.PLANNING]
    assert office.audited("task_acknowledge") == [ids[0], ids[2]]
    with office.database.reading() as session:
        assert session.get_one(Task, ids[1]).version == before
        steps = select(TaskTransition.task_id).where(TaskTransition.verb == "acknowledge")
        assert sorted(session.scalars(steps)) == [ids[0], ids[2]]


def test_ids_smuggled_in_are_missing_or_another_offices(
    office: Office, work: Work, other: Work
) -> None:
    mine = office.tasks(work, S.ISSUED)
    neighbours = office.tasks(work, S.ISSUED, unit="b")
    foreign = office.tasks(other, S.ISSUED, unit="e")
    outcome = office.do("liaison_a", [*mine, *neighbours, *foreign, 888_888], V.ACKNOWLEDGE)
    assert [line.task.id for line in outcome.done] == mine
    assert (outcome.skipped, outcome.missing) == ([], 3)
    assert office.states([*neighbours, *foreign]) == [S.ISSUED, S.ISSUED]
    outcome = office.do("clerk", foreign, V.ACKNOWLEDGE)
    assert (outcome.done, outcome.skipped, outcome.missing) == ([], [], 1)


def test_an_office_that_only_reads_a_row_does_nothing_to_it(
    office: Office, people: Cast, clock: ManualClock
) -> None:
    with office.database.writing() as session:
        upgraded = make_work(session, people, now=clock.now(), units=("e",))
        session.commit()
    ids = office.tasks(upgraded, S.OFFICE_REVIEW, unit="e")
    outcome = office.do("east_lead", ids, V.CLOSE)
    assert reasons(outcome) == {ids[0]: ELSEWHERE}
    assert office.states(ids) == [S.OFFICE_REVIEW]


def test_each_verb_does_what_its_service_does(
    office: Office, work: Work, database: Database
) -> None:
    drafts = office.tasks(work, S.DRAFT)
    assert len(office.do("clerk", drafts, V.ISSUE).done) == 1
    assert len(office.do("liaison_a", drafts, V.ACKNOWLEDGE).done) == 1
    assert office.states(drafts) == [S.PLANNING]

    asked = office.tasks(work, S.OFFICE_REVIEW)
    assert len(office.do("clerk", asked, V.RECOMMEND, note="可以").done) == 1
    assert "已经对这次申请" in str(reasons(office.do("clerk", asked, V.RECOMMEND))[asked[0]])
    assert len(office.do("supervisor", asked, V.COSIGN).done) == 1
    assert office.states(asked) == [S.OFFICE_REVIEW]
    returned = office.do("clerk", asked, V.RETURN, note="缺清单", supplement="补清单")
    assert len(returned.done) == 1
    assert office.states(asked) == [S.IN_PROGRESS]
    with database.reading() as session:
        outcomes = [
            each.value for each in session.scalars(select(Review.outcome).order_by(Review.id))
        ]
    assert outcomes == ["recommended", "cosigned", "returned"]

    mostly = office.tasks(work, S.IN_PROGRESS, completion=CompletionClass.MOSTLY)
    assert len(office.do("clerk", mostly, V.CONFIRM).done) == 1
    day = date(2026, 12, 31)
    assert len(office.do("lead", mostly, V.CORRECT_DUE, note="笔误", day=day).done) == 1
    again = office.do("lead", mostly, V.CORRECT_DUE, note="笔误", day=day)
    assert "已经是 2026-12-31" in str(reasons(again)[mostly[0]])
    with database.reading() as session:
        task = session.get_one(Task, mostly[0])
        assert (task.due_on, task.original_due) == (day, DUE)
        assert session.scalar(select(func.count(DueChange.id))) == 1

    wrong = office.tasks(work, S.ISSUED)
    assert len(office.do("lead", wrong, V.VOID, note="重复录入").done) == 1
    assert office.states(wrong) == [S.VOID]


def test_issuing_asks_for_the_feedbacks_day_and_an_immediate_ones_due_date(
    office: Office, work: Work, database: Database
) -> None:
    dated = office.tasks(work, S.DRAFT)
    immediate = office.tasks(work, S.DRAFT, kind=TaskKind.IMMEDIATE, due_on=None)
    with database.writing() as session:
        session.execute(update(Feedback).values(fed_back_on=None))
        session.commit()
    outcome = office.do("clerk", [*dated, *immediate], V.ISSUE)
    assert "反馈日期" in str(reasons(outcome)[dated[0]])
    assert "立行立改的整改时限" in str(reasons(outcome)[immediate[0]])
    outcome = office.do("clerk", [*dated, *immediate], V.ISSUE, day=DUE)
    assert [line.task.id for line in outcome.done] == immediate


@pytest.mark.parametrize(
    ("verb", "wish", "sentence"),
    [
        (V.RETURN, {"supplement": "x"}, "必须写明理由"),
        (V.RETURN, {"note": "x"}, "需要补充什么"),
        (V.CORRECT_DUE, {"note": "x"}, "正确的整改时限"),
        (V.CORRECT_DUE, {"day": DUE}, "必须写明理由"),
        (V.VOID, {"note": " "}, "必须写明理由"),
    ],
)
def test_a_verb_that_needs_a_reason_is_refused_whole_without_it(
    office: Office, work: Work, verb: BulkVerb, wish: dict[str, object], sentence: str
) -> None:
    ids = office.tasks(work, S.OFFICE_REVIEW)
    with pytest.raises(DomainError, match=sentence):
        office.do("lead", ids, verb, **wish)
    assert office.states(ids) == [S.OFFICE_REVIEW]


def test_at_most_two_hundred_and_at_least_one(office: Office, work: Work, people: Cast) -> None:
    with pytest.raises(DomainError, match="最多办理 200 项，现在选了 201 项"):
        office.do("lead", list(range(1, MAX_TASKS + 2)), V.CLOSE)
    with pytest.raises(DomainError, match="先在任务列表中勾选"):
        office.do("lead", [], V.CLOSE)


def test_whoever_is_offered_a_verb_reaches_the_page_and_nobody_else(people: Cast) -> None:
    for name in people.users:
        who = people.actor(name)
        assert may(who, Permission.TASK_BULK) is bool(offered(who)), name


def test_nobody_is_offered_what_the_role_lacks(people: Cast, office: Office, work: Work) -> None:
    found = {
        who: [verb.value for verb in offered(people.actor(who))]
        for who in ("clerk", "lead", "liaison_a", "head_a", "supervisor", "leader", "admin")
    }
    assert found == {
        "clerk": ["issue", "acknowledge", "recommend", "return", "confirm", "correct-due", "skip"],
        "lead": ["close", "return", "confirm", "correct-due", "void"],
        "liaison_a": ["acknowledge"],
        "head_a": ["acknowledge"],
        "supervisor": ["cosign"],
        "leader": [],
        "admin": [],
    }
    ids = office.tasks(work, S.OFFICE_REVIEW)
    with office.database.reading() as session, pytest.raises(DomainError, match="您的角色不能"):
        foresee(session, V.CLOSE, ids, actor=people.actor("clerk"))
    with pytest.raises(DomainError, match="您的角色不能"):
        office.do("clerk", ids, V.CLOSE)


def test_foreseeing_many_sends_no_more_statements_than_foreseeing_few(
    office: Office, work: Work, people: Cast
) -> None:
    ids = office.tasks(work, *(S.OFFICE_REVIEW,) * 20)

    def sent(chosen: list[int]) -> int:
        with office.database.reading() as session, counted() as statements:
            foresee(session, V.CLOSE, chosen, actor=people.actor("lead"))
        return len(statements)

    assert sent(ids) == sent(ids[:2])


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_the_pages_tick_confirm_and_tell(app: Flask, office: Office, work: Work) -> None:
    good = office.tasks(work, S.OFFICE_REVIEW, S.OFFICE_REVIEW)
    early = office.tasks(work, S.IN_PROGRESS)
    lead = enter(app, "lead")
    lead.get("/tasks?select=page")
    ticked = re.findall(r'<input[^>]*name="task"[^>]*value="(\d+)"[^>]*checked', lead.text)
    assert {int(each) for each in ticked} == {*good, *early}
    query = "&".join(f"task={each}" for each in [*good, *early, 777_777])
    page = f"/tasks/bulk?verb=close&{query}"
    assert lead.get(page).status_code == 200
    for words in ("将办理 2 项", "会跳过 1 项", "有 1 项没有找到", "不能“销号”"):
        assert words in lead.text
    ticks = re.findall(r'<input[^>]*name="task"[^>]*value="([^"]+)"', lead.text)
    assert [tick.split(":")[0] for tick in ticks] == [str(each) for each in [*good, *early]]
    sent = {"verb": "close", "task": [*ticks, "777777"], "note": "同意"}
    assert lead.post("/tasks/bulk", sent, via=page).status_code == 200
    for words in ("已办理 2 项", "跳过 2 项", "有 1 项没有找到"):
        assert words in lead.text
    lead.post("/tasks/bulk", sent, via=page)
    assert "已办理 0 项" in lead.text
    assert office.states(good) == [S.CLOSED, S.CLOSED]
    assert office.audited("task_close") == good


def test_a_task_that_changed_after_it_was_looked_through_is_skipped_with_the_reason(
    app: Flask, office: Office, work: Work
) -> None:
    ids = office.tasks(work, S.OFFICE_REVIEW, S.OFFICE_REVIEW)
    lead = enter(app, "lead")
    page = f"/tasks/bulk?verb=close&task={ids[0]}&task={ids[1]}"
    lead.get(page)
    ticks = re.findall(r'<input[^>]*name="task"[^>]*value="([^"]+)"', lead.text)
    with office.database.writing() as session:
        session.get_one(Task, ids[0]).goal = "换了目标"
        session.commit()
    sent = {"verb": "close", "task": ticks, "note": "同意"}
    assert lead.post("/tasks/bulk", sent, via=page).status_code == 200
    assert "在您核对后有变化" in lead.text
    assert office.states(ids) == [S.OFFICE_REVIEW, S.CLOSED]
    lead.post("/tasks/bulk", {**sent, "task": [ids[0]]}, via=page)
    assert "在您核对后有变化" in lead.text, "a tick without a version has looked at nothing"
    assert office.states(ids) == [S.OFFICE_REVIEW, S.CLOSED]


def test_the_pages_refuse_with_a_sentence(app: Flask, office: Office, work: Work) -> None:
    ids = office.tasks(work, S.OFFICE_REVIEW)
    lead, leader = enter(app, "lead"), enter(app, "leader")
    many = "&".join(f"task={n}" for n in range(MAX_TASKS + 1))
    assert lead.get(f"/tasks/bulk?verb=close&{many}").status_code == 422
    assert "最多办理 200 项" in lead.text
    assert lead.get("/tasks/bulk?verb=close").status_code == 422
    assert "先在任务列表中勾选" in lead.text
    assert lead.get("/tasks/bulk?verb=nonsense").status_code == 404
    page = f"/tasks/bulk?verb=return&task={ids[0]}&task=x&task={'9' * 40}"
    answer = lead.post("/tasks/bulk", {"verb": "return", "task": ids, "note": ""}, via=page)
    assert answer.status_code == 422
    assert "必须写明理由" in lead.text
    page = f"/tasks/bulk?verb=close&task={ids[0]}"
    assert leader.get(page).status_code == 403
    closing = {"verb": "close", "task": ids}
    assert leader.post("/tasks/bulk", closing, via="/tasks").status_code == 403
    leader.get("/tasks")
    assert 'id="bulk"' not in leader.text
    assert office.states(ids) == [S.OFFICE_REVIEW]
