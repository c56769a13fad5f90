"""建议, 会签, 确认 and 意见: said about a task, moving nothing; and nobody closes their own."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast, cheap_hash
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.files.models import StoredFile
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import (
    Evidence,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskComment,
    TaskTransition,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    ReviewOutcome,
    SignatureWay,
    TaskState,
)
from tracker.rectification.service.closing import close_task, reopen_task, return_closure
from tracker.rectification.service.commenting import add_comment, comments_of
from tracker.rectification.service.confirming import confirm_completion, take_back_confirmation
from tracker.rectification.service.reviewing import cosign_closure, recommend_closure
from tracker.rounds.models import Round

S = TaskState
DONE = date(2026, 11, 12)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def asked(session: Session, people: Cast, work: Work, clock: ManualClock, **changes: Any) -> Task:
    """A task of unit a before the office for closing."""
    return work.task(
        session, people, state=S.OFFICE_REVIEW, done_on=DONE, now=clock.now(), **changes
    )


def submit_again(session: Session, task: Task, clock: ManualClock) -> None:
    """Bring a returned task before the office once more."""
    session.add(
        TaskTransition(
            task=task,
            from_state=task.state,
            to_state=S.OFFICE_REVIEW,
            verb="made",
            occurred_on=DONE,
            recorded_at=clock.now(),
            actor="tests",
        )
    )
    task.state, task.done_on = S.OFFICE_REVIEW, DONE
    session.flush()  # the next step looks at the database


def outcomes(session: Session, task: Task) -> list[str]:
    query = select(Review.outcome).where(Review.task_id == task.id).order_by(Review.id)
    return [outcome.value for outcome in session.scalars(query)]


def test_a_recommendation_is_a_review_and_moves_nothing(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock)
        steps = select(func.count(TaskTransition.id))
        before = session.scalar(steps)
        recommend_closure(session, task, "材料齐全", actor=people.actor("clerk"), now=clock.now())
        assert task.state is S.OFFICE_REVIEW
        assert session.scalar(steps) == before
        assert outcomes(session, task) == ["recommended"]
        with pytest.raises(DomainError, match="已经对这次申请建议销号"):
            recommend_closure(session, task, "", actor=people.actor("clerk"), now=clock.now())
        for who, error in (("lead", DomainError), ("liaison_a", DomainError)):
            with pytest.raises(error, match="经办人"):
                recommend_closure(session, task, "", actor=people.actor(who), now=clock.now())
        with pytest.raises(NotVisibleError):
            recommend_closure(session, task, "", actor=people.actor("east_clerk"), now=clock.now())
        session.commit()
        assert session.scalar(
            select(func.count(AuditEntry.id)).where(AuditEntry.action == "closure_recommended")
        )


def new_post(session: Session, people: Cast, username: str, clock: ManualClock) -> Actor:
    """Move a member of the cast to the lead's post: old sign-in off, a new one, same person."""
    old = session.get_one(User, people.users[username])
    old.is_active = False
    user = User(
        person=old.person,
        username=f"{username}-lead",
        role=Role.OFFICE_LEAD,
        region_id=people.regions["city"],
        password_hash=cheap_hash(),
        must_change_password=False,
        **born(actor=TESTER, now=clock.now()),
    )
    session.add(user)
    session.flush()  # the actor needs its id
    return actor_of(user)


def report(task: Task, user_id: int, clock: ManualClock) -> ProgressReport:
    return ProgressReport(
        task=task,
        reported_on=DONE,
        text="已完成",
        completion=CompletionClass.DONE,
        reporter_user_id=user_id,
        **born(actor=TESTER, now=clock.now()),
    )


def evidence(task: Task, user_id: int, clock: ManualClock) -> Evidence:
    file = StoredFile(
        storage_name="aa.pdf",
        original_name="办法.pdf",
        extension="pdf",
        media_type="application/pdf",
        size_bytes=1,
        sha256="0" * 64,
        stored_at=clock.now(),
        stored_by="tests",
    )
    return Evidence(
        task=task,
        file=file,
        title="办法",
        document_on=DONE,
        is_confirmed_not_secret=True,
        uploader_user_id=user_id,
        **born(actor=TESTER, now=clock.now()),
    )


def sent(task: Task, user_id: int, clock: ManualClock, verb: Verb) -> TaskTransition:
    return TaskTransition(
        task=task,
        from_state=S.IN_PROGRESS,
        to_state=S.OFFICE_REVIEW,
        verb=verb.value,
        occurred_on=DONE,
        recorded_at=clock.now(),
        actor="tests",
        actor_user_id=user_id,
    )


HANDS: dict[str, tuple[str, Callable[[Task, int, ManualClock], object]]] = {
    "submitter": ("liaison_a", lambda t, u, c: sent(t, u, c, Verb.REQUEST_CLOSURE)),
    "signer": ("head_a", lambda t, u, c: sent(t, u, c, Verb.SIGN_CLOSURE)),
    "bringer of the scan": ("liaison_a", lambda t, u, c: sent(t, u, c, Verb.SIGN_CLOSURE_SCAN)),
    "signature": (
        "head_a",
        lambda t, u, c: SignOff(
            task_id=t.id,
            way=SignatureWay.ONLINE,
            pledge="真实",
            signed_at=c.now(),
            signed_by="tests",
            signer_user_id=u,
        ),
    ),
    "enterer": ("clerk", report),
    "uploader": ("liaison_a", evidence),
    "recommender": (
        "clerk",
        lambda t, u, c: Review(
            task_id=t.id,
            outcome=ReviewOutcome.RECOMMENDED,
            reviewed_on=DONE,
            recorded_at=c.now(),
            reviewer="tests",
            reviewer_user_id=u,
        ),
    ),
}


@pytest.mark.parametrize("hand", sorted(HANDS))
def test_nobody_closes_their_own_even_after_a_change_of_post(
    database: Database, people: Cast, work: Work, clock: ManualClock, hand: str
) -> None:
    """The person had a hand in it under an old sign-in, and closes under the lead's."""
    username, made = HANDS[hand]
    with database.writing() as session:
        task = asked(session, people, work, clock)
        session.add(made(task, people.users[username], clock))
        lead = new_post(session, people, username, clock)
        assert lead.user_id != people.users[username]
        with pytest.raises(DomainError, match="不能由您销号"):
            close_task(session, task, actor=lead, now=clock.now())
        states = [task.state]
        close_task(session, task, actor=people.actor("lead"), now=clock.now())
        assert [*states, task.state] == [S.OFFICE_REVIEW, S.CLOSED]


def test_somebody_who_had_no_hand_in_it_closes_under_a_new_sign_in(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock)
        session.add(report(task, people.users["liaison_a"], clock))
        lead = new_post(session, people, "clerk", clock)
        close_task(session, task, actor=lead, now=clock.now())
        assert task.state is S.CLOSED


def wait_for_cosign(session: Session, work: Work) -> None:
    session.get_one(Round, work.round_id).needs_cosign = True
    session.flush()  # the guard reads the round


def test_a_round_makes_closing_wait_for_the_supervisors(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        wait_for_cosign(session, work)
        task = asked(session, people, work, clock)
        lead, supervisor = people.actor("lead"), people.actor("supervisor")

        def close() -> None:
            close_task(session, task, actor=lead, now=clock.now())

        with pytest.raises(DomainError, match="须先会签：请等“第一监督检查室”"):
            close()
        with pytest.raises(DomainError, match="必须写明意见"):
            cosign_closure(
                session, task, agrees=False, opinion=" ", actor=supervisor, now=clock.now()
            )
        cosign_closure(
            session, task, agrees=False, opinion="未见成效", actor=supervisor, now=clock.now()
        )
        with pytest.raises(DomainError, match="会签不同意：未见成效"):
            close()
        cosign_closure(session, task, agrees=True, opinion="", actor=supervisor, now=clock.now())
        return_closure(session, task, "缺清单", "补清单", actor=lead, now=clock.now())
        submit_again(session, task, clock)
        with pytest.raises(DomainError, match="须先会签"):
            close()  # what was co-signed was the request before
        cosign_closure(session, task, agrees=True, opinion="", actor=supervisor, now=clock.now())
        with pytest.raises(DomainError, match="不需要再次办理"):
            cosign_closure(
                session, task, agrees=True, opinion="", actor=supervisor, now=clock.now()
            )
        close()
        assert outcomes(session, task) == [
            "objected",
            "cosigned",
            "returned",
            "cosigned",
            "closed",
        ]


def test_where_no_supervisor_or_no_guard_stands_closing_does_not_wait(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        free = asked(session, people, work, clock)
        close_task(session, free, actor=people.actor("lead"), now=clock.now())
        wait_for_cosign(session, work)
        alone = asked(session, people, work, clock, unit="b")
        close_task(session, alone, actor=people.actor("lead"), now=clock.now())
        assert (free.state, alone.state) == (S.CLOSED, S.CLOSED)


def test_only_the_units_own_supervisors_cosign(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock, unit="b")
        with pytest.raises(NotVisibleError):
            cosign_closure(
                session,
                task,
                agrees=True,
                opinion="",
                actor=people.actor("supervisor"),
                now=clock.now(),
            )
        with pytest.raises(DomainError, match="日常监督部门"):
            cosign_closure(
                session, task, agrees=True, opinion="", actor=people.actor("lead"), now=clock.now()
            )


def test_the_office_confirms_only_what_the_unit_reported_and_takes_it_back_with_a_reason(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = work.task(session, people, now=clock.now())
        clerk = people.actor("clerk")
        with pytest.raises(DomainError, match="单位报告“基本完成”"):
            confirm_completion(session, task, "", actor=clerk, now=clock.now())
        task.completion = CompletionClass.MOSTLY
        for who in ("liaison_a", "supervisor", "leader"):
            with pytest.raises(DomainError, match="由巡察办确认"):
                confirm_completion(session, task, "", actor=people.actor(who), now=clock.now())
        with pytest.raises(NotVisibleError):
            confirm_completion(session, task, "", actor=people.actor("east_lead"), now=clock.now())
        confirm_completion(session, task, "已核实", actor=clerk, now=clock.now())
        assert (task.confirmed_completion, task.confirmed_on) == (
            CompletionClass.MOSTLY,
            date(2026, 11, 16),
        )
        with pytest.raises(DomainError, match="已经确认"):
            confirm_completion(session, task, "", actor=clerk, now=clock.now())
        with pytest.raises(DomainError, match="必须写明理由"):
            take_back_confirmation(session, task, " ", actor=clerk, now=clock.now())
        take_back_confirmation(session, task, "复查发现反弹", actor=clerk, now=clock.now())
        assert (task.confirmed_completion, task.confirmed_on) == (None, None)
        assert task.state is S.IN_PROGRESS
        assert outcomes(session, task) == ["confirmed", "unconfirmed"]


def test_a_confirmation_from_before_a_closing_lapses_on_reopening(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock, completion=CompletionClass.MOSTLY)
        lead = people.actor("lead")
        confirm_completion(session, task, "", actor=lead, now=clock.now())
        close_task(session, task, actor=lead, now=clock.now())
        reopen_task(session, task, "反弹", date(2026, 12, 31), actor=lead, now=clock.now())
        assert outcomes(session, task) == ["confirmed", "closed", "unconfirmed"]


def test_reviews_and_comments_cannot_be_rewritten(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock)
        recommend_closure(session, task, "可以", actor=people.actor("clerk"), now=clock.now())
        add_comment(session, task, "请抓紧", actor=people.actor("clerk"), now=clock.now())
        session.commit()
    for model, column in ((Review, "reviewer"), (TaskComment, "text")):
        for statement in (update(model).values({column: "改"}), delete(model)):
            with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
                session.execute(statement)


def test_an_internal_comment_is_the_conducting_offices_alone(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock)
        for who, text, is_internal in (
            ("clerk", "内部研判", True),
            ("supervisor", "请核查台账", False),
            ("liaison_a", "已在补充", False),
        ):
            add_comment(
                session,
                task,
                text,
                is_internal=is_internal,
                actor=people.actor(who),
                now=clock.now() + timedelta(minutes=1),
            )
        read = {
            who: [each.text for each in comments_of(session, task, actor=people.actor(who))]
            for who in ("lead", "leader", "liaison_a", "head_a", "supervisor", "east_clerk")
        }
        assert read["lead"] == read["leader"] == ["内部研判", "请核查台账", "已在补充"]
        for who in ("liaison_a", "head_a", "supervisor", "east_clerk"):
            assert read[who] == ["请核查台账", "已在补充"]
        for who in ("liaison_a", "supervisor"):
            with pytest.raises(DomainError, match="内部意见"):
                add_comment(
                    session, task, "x", is_internal=True, actor=people.actor(who), now=clock.now()
                )
        with pytest.raises(DomainError, match="已经保存"):
            add_comment(session, task, "已在补充", actor=people.actor("liaison_a"), now=clock.now())
        with pytest.raises(DomainError, match="不能发表意见"):
            add_comment(session, task, "好", actor=people.actor("leader"), now=clock.now())


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_the_pages_do_it_and_show_the_whole_case(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = asked(session, people, work, clock)
        session.add(report(task, people.users["liaison_a"], clock))
        session.commit()
        task_id = task.id
    page = f"/tasks/{task_id}"
    clerk, supervisor, liaison = (enter(app, n) for n in ("clerk", "supervisor", "liaison_a"))
    assert clerk.post(f"{page}/recommend", {"opinion": "建议同意"}).status_code == 302
    assert clerk.post(f"{page}/comment", {"text": "内部", "is_internal": "y"}).status_code == 302
    assert supervisor.post(f"{page}/cosign", {"decision": "agree"}).status_code == 302
    assert supervisor.post(f"{page}/comment", {"text": "请巩固成果"}).status_code == 302
    lead = enter(app, "lead")
    assert lead.get(f"{page}/close").status_code == 200
    for words in (
        "修订制度",
        "完善制度并执行到位",
        "建议同意",
        "会签同意",
        "请巩固成果",
        "办理过程",
        "佐证材料",
        "原定",
    ):
        assert words in lead.text, words
    liaison.get(page)
    assert "请巩固成果" in liaison.text
    for words in ("建议同意", "会签同意", "is-internal", "内部"):
        assert words not in liaison.text, words
    assert lead.get(f"{page}/recommend").status_code == 403
    assert liaison.get(f"{page}/cosign").status_code == 403
    other = enter(app, "liaison_b")
    assert other.post(f"{page}/comment", {"text": "x"}, via="/tasks").status_code == 404
    assert lead.post(f"{page}/close", {"opinion": "同意"}).status_code == 302


def test_a_confirmation_is_given_and_taken_back_on_pages(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = work.task(session, people, now=clock.now(), completion=CompletionClass.MOSTLY)
        session.commit()
        page = f"/tasks/{task.id}"
    clerk = enter(app, "clerk")
    clerk.get(page)
    assert "确认基本完成" in clerk.text
    assert clerk.post(f"{page}/confirm-completion", {"opinion": ""}).status_code == 302
    clerk.get(page)
    assert "已确认基本完成 2026-11-16" in clerk.text
    assert clerk.post(f"{page}/take-back-confirmation", {"reason": ""}).status_code == 422
    assert clerk.post(f"{page}/take-back-confirmation", {"reason": "反弹"}).status_code == 302
    assert enter(app, "head_a").get(f"{page}/confirm-completion").status_code == 403
