"""A post passes from one person to another: duties, list, receipt, sign-ins."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast, cheap_hash
from tests.fakes.clock import ManualClock
from tests.handover.post_office import CHANGE, DAY, Office, confirm, prepare, seen
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.handover.models import PostChange, PostChangeItem
from tracker.handover.rules import ChangeState, ItemKind
from tracker.kernel.db import Database, born
from tracker.kernel.permissions import Role
from tracker.letters.models import Letter
from tracker.letters.rules.letters import LetterState
from tracker.organizations.models import Unit
from tracker.people.models import Person, Post, PostHolding, User, UserSession
from tracker.rectification.models import Task, TaskDuty, TaskTransition
from tracker.rectification.rules.words import DutyRole, TaskState


@pytest.fixture
def office(database: Database, people: Cast, clock: ManualClock) -> Office:
    with database.writing() as session:
        made = Office(session, people, clock)
        session.commit()
    return made


def held_on(session: Session, day: date) -> list[tuple[int, str]]:
    """Return (task, role) of every duty that somebody holds on a day."""
    query = select(TaskDuty.task_id, TaskDuty.role).where(
        TaskDuty.from_on <= day, TaskDuty.to_on.is_(None) | (TaskDuty.to_on >= day)
    )
    return sorted((task, role.value) for task, role in session.execute(query))


def new_sign_in(
    session: Session, people: Cast, person: Person, unit: str, clock: ManualClock
) -> None:
    session.add(
        User(
            person=person,
            username=f"new_head_{unit}",
            role=Role.UNIT_HEAD,
            region_id=people.regions["city"],
            unit_id=people.units[unit],
            password_hash=cheap_hash(),
            must_change_password=False,
            **born(actor=TESTER, now=clock.now()),
        )
    )


def test_a_list_shows_what_is_open_and_nothing_moves_before_it_is_confirmed(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = prepare(visitor, office)
    visitor.get(page)
    for task in (*office.tasks, office.without):
        assert task.task_no in visitor.text
    assert office.closed.task_no not in visitor.text
    assert office.of_b.task_no not in visitor.text
    assert "待审签的销号申请" in visitor.text
    with database.reading() as session:
        assert session.scalars(select(PostChangeItem)).all() == []
        assert session.get_one(PostHolding, office.holding_id).to_on is None
        assert [duty.to_on for duty in session.scalars(select(TaskDuty))] == [None] * 5


def test_duties_pass_on_the_day_and_on_every_day_somebody_holds_each(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    with database.reading() as session:
        before = held_on(session, date(2026, 11, 15))
        steps = session.scalars(select(TaskTransition.actor)).all()
    visitor.sign_in("clerk")
    confirm(visitor, prepare(visitor, office))
    with database.reading() as session:
        assert held_on(session, date(2026, 11, 15)) == before
        assert held_on(session, DAY) == before
        newcomer = session.scalars(select(Person).where(Person.name == "新书记")).one()
        passed = select(TaskDuty).where(TaskDuty.person_id == newcomer.id)
        assert {duty.from_on for duty in session.scalars(passed)} == {DAY}
        assert len(session.scalars(passed).all()) == 3
        stays = select(TaskDuty.task_id).where(
            TaskDuty.person_id == office.old_id, TaskDuty.to_on.is_(None)
        )
        assert set(session.scalars(stays)) == {office.closed.id, office.of_b.id}
        holdings = session.scalars(select(PostHolding).order_by(PostHolding.from_on)).all()
        assert [(row.person_id, row.to_on) for row in holdings] == [
            (office.old_id, date(2026, 11, 15)),
            (newcomer.id, None),
        ]
        assert session.scalars(select(TaskTransition.actor)).all() == steps
        change = session.scalars(select(PostChange)).one()
        assert change.feedback_again_due == date(2026, 12, 14)
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"post_change_prepared", "post_change_confirmed", "post_left"} <= actions


def test_what_is_ticked_stays_with_the_leaving_person(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    with database.reading() as session:
        kept = session.scalars(
            select(TaskDuty).where(
                TaskDuty.task_id == office.tasks[0].id, TaskDuty.role == DutyRole.OWNER
            )
        ).one()
    visitor.sign_in("clerk")
    page = prepare(visitor, office)
    confirm(visitor, page, [kept.id])
    with database.reading() as session:
        assert session.get_one(TaskDuty, kept.id).to_on is None
        item = session.scalars(
            select(PostChangeItem).where(PostChangeItem.old_duty_id == kept.id)
        ).one()
        assert item.is_kept
        assert item.new_duty_id is None
    visitor.get(page)
    assert "不移交，仍由" in visitor.text


def test_a_change_ahead_of_its_day_waits_and_a_second_confirmation_is_refused(
    visitor: Visitor, people: Cast, office: Office, clock: ManualClock, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = prepare(visitor, office, effective_on="2026-11-17")
    assert visitor.post(f"{page}/confirm", {"version": "1"}, via=page).status_code == 422
    assert "请到当天再确认交接" in visitor.text
    clock.advance(timedelta(days=1))
    visitor.sign_in("clerk")
    confirm(visitor, page)
    assert visitor.post(f"{page}/confirm", {"version": "1"}, via=page).status_code == 409
    with database.reading() as session:
        version = str(session.scalars(select(PostChange.version)).one())
    assert visitor.post(f"{page}/confirm", {"version": version}, via=page).status_code == 422
    assert "这份交接现在是“待接任人签收”" in visitor.text
    with database.reading() as session:
        moved = [item.kind for item in session.scalars(select(PostChangeItem))]
        assert moved.count(ItemKind.DUTY) == 3


def test_a_cancelled_change_moves_nothing_and_another_may_begin(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = prepare(visitor, office)
    path = f"/post-changes/new/{office.holding_id}"
    assert visitor.post(path, CHANGE).status_code == 422
    assert "已有一份交接待确认" in visitor.text
    assert visitor.post(f"{page}/cancel", via=page).status_code == 302
    with database.reading() as session:
        assert session.scalars(select(PostChange)).one().state is ChangeState.CANCELLED
    assert prepare(visitor, office) != page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"effective_on": "2024-01-01"}, "变动日期应晚于任职日期"),
        ({"name": "党组织主要负责人head_a", "mobile": ""}, "接任的人与离任的人相同"),
    ],
)
def test_a_change_that_cannot_be_is_refused(
    visitor: Visitor, people: Cast, office: Office, changes: dict[str, str], sentence: str
) -> None:
    visitor.sign_in("clerk")
    path = f"/post-changes/new/{office.holding_id}"
    assert visitor.post(path, CHANGE | changes).status_code == 422
    assert sentence in visitor.text


def test_only_whoever_arrived_acknowledges_and_drafts_are_not_told(
    app: Flask, people: Cast, office: Office, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        draft = office.work.task(session, people, state=TaskState.DRAFT, now=clock.now())
        session.commit()
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    confirm(clerk, prepare(clerk, office))
    with database.writing() as session:
        change = session.scalars(select(PostChange)).one()
        new_sign_in(session, people, change.arriving, "a", clock)
        session.commit()
    page = f"/received-posts/{change.id}"
    for name in ("liaison_a", "head_a", "head_b", "liaison_b"):
        stranger = Visitor(app)
        stranger.sign_in(name)
        assert stranger.get(page).status_code == 404
        assert stranger.post_raw(page).status_code == 400
    arrived = Visitor(app)
    arrived.sign_in("new_head_a")
    arrived.get(page)
    assert office.tasks[0].task_no in arrived.text
    assert draft.task_no not in arrived.text
    assert arrived.post(page, {"version": seen(arrived, page)}).status_code == 302
    arrived.get(page)
    assert "已知悉并接收 5 项" in arrived.text
    with database.reading() as session:
        change = session.scalars(select(PostChange)).one()
        assert change.state is ChangeState.ACKNOWLEDGED
        assert change.acknowledged_on == DAY
        assert change.acknowledged_by == "新书记（new_head_a）"


def test_a_receipt_on_paper_is_entered_by_the_office_with_its_scan(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = prepare(visitor, office)
    confirm(visitor, page)
    version = seen(visitor, f"{page}/paper-receipt")
    fields = {"version": version, "acknowledged_on": "2026-11-17"}
    assert visitor.post(f"{page}/paper-receipt", fields).status_code == 422
    assert "不能晚于今天" in visitor.text
    scan = (BytesIO(b"%PDF-1.4\n%%EOF\n"), "签收单.pdf")
    fields = {"version": version, "acknowledged_on": "2026-11-16", "file": scan}  # type: ignore[dict-item]
    assert visitor.post(f"{page}/paper-receipt", fields).status_code == 302
    visitor.get(page)
    assert "纸质签收（代录）" in visitor.text
    assert visitor.get(f"{page}/scan").status_code == 200
    with database.reading() as session:
        query = select(AuditEntry.actor).where(AuditEntry.action == "receipt_downloaded")
        assert session.scalars(query).all() == [people.actor("clerk").name]
    again = {"version": seen(visitor, f"{page}/feedback-again"), "given_on": "2026-11-16"}
    assert visitor.post(f"{page}/feedback-again", again).status_code == 302


def test_a_person_who_moved_sees_only_the_new_units_tasks(
    app: Flask, people: Cast, office: Office, database: Database, clock: ManualClock
) -> None:
    leaving = Visitor(app)
    leaving.sign_in("head_a")
    assert leaving.get(f"/tasks/{office.tasks[0].id}").status_code == 200
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    confirm(clerk, prepare(clerk, office))
    with database.writing() as session:
        moved = session.get_one(Person, office.old_id)
        new_sign_in(session, people, moved, "b", clock)
        session.commit()
    admin = Visitor(app)
    admin.sign_in("admin")
    admin.get("/accounts")
    assert "登录名 head_a 仍可登录" in admin.text
    assert "新书记" in admin.text
    path = f"/accounts/{people.users['head_a']}/deactivate"
    assert admin.post(path, via="/accounts").status_code == 302
    admin.get("/accounts")
    assert "登录名 head_a 仍可登录" not in admin.text
    assert leaving.get(f"/tasks/{office.tasks[0].id}").status_code == 302
    with pytest.raises(AssertionError, match="401"):
        leaving.sign_in("head_a")
    moved_on = Visitor(app)
    moved_on.sign_in("new_head_b")
    assert moved_on.get(f"/tasks/{office.of_b.id}").status_code == 200
    for task in (*office.tasks, office.closed):
        assert moved_on.get(f"/tasks/{task.id}").status_code == 404
    moved_on.get("/tasks?only=all")
    assert office.tasks[0].task_no not in moved_on.text
    with database.reading() as session:
        ended = session.scalars(
            select(UserSession.end_reason).where(UserSession.user_id == people.users["head_a"])
        ).all()
        assert set(ended) == {"deactivated"}


def test_an_account_made_for_whoever_arrived_is_theirs(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    confirm(visitor, prepare(visitor, office))
    visitor.post("/sign-out", via="/")
    visitor.sign_in("admin")
    fields = {
        "name": "新书记",
        "username": "xin.shuji",
        "mobile": "",
        "role": "unit_head",
        "unit_id": str(people.units["a"]),
        "supervisor_org_id": "0",
    }
    assert visitor.post("/accounts/new", fields).status_code == 200
    other = fields | {"username": "other", "unit_id": str(people.units["b"])}
    assert visitor.post("/accounts/new", other).status_code == 200
    with database.reading() as session:
        change = session.scalars(select(PostChange)).one()
        owner = select(User.person_id).where(User.username == "xin.shuji")
        assert session.scalar(owner) == change.arriving_id
        namesake = select(User.person_id).where(User.username == "other")
        assert session.scalar(namesake) != change.arriving_id


def test_an_administrator_does_not_switch_off_themselves_or_another_regions_account(
    app: Flask, people: Cast, database: Database
) -> None:
    admin = Visitor(app)
    admin.sign_in("admin")
    assert (
        admin.post(f"/accounts/{people.users['admin']}/deactivate", via="/accounts").status_code
        == 302
    )
    admin.get("/accounts")
    assert "不能停用自己的账号" in admin.text
    auditor = f"/accounts/{people.users['auditor']}/deactivate"
    assert admin.post(auditor, via="/accounts").status_code == 302
    admin.get("/accounts")
    assert "这是最后一位审计管理员" in admin.text
    assert admin.post("/accounts/999999/deactivate", via="/accounts").status_code == 404
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    path = f"/accounts/{people.users['head_a']}/deactivate"
    assert clerk.post(path, via="/").status_code == 403
    with database.reading() as session:
        assert session.get_one(User, people.users["head_a"]).is_active


def test_another_office_finds_neither_the_change_nor_the_post(
    app: Flask, people: Cast, office: Office
) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    page = prepare(clerk, office)
    stranger = Visitor(app)
    stranger.sign_in("east_clerk")
    missing = stranger.get("/post-changes/999999").get_data(as_text=True)
    paths = (
        page,
        f"{page}/paper-receipt",
        f"{page}/feedback-again",
        f"/post-changes/new/{office.holding_id}",
        f"/holdings/{office.holding_id}/end",
        f"/posts/{office.post_id}/holdings/new",
        f"/units/{people.units['a']}/posts",
    )
    for path in paths:
        answer = stranger.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert answer.get_data(as_text=True) == missing
    assert "党组书记" not in stranger.get("/post-changes").get_data(as_text=True)
    for name in ("liaison_a", "admin"):
        other = Visitor(app)
        other.sign_in(name)
        assert other.get(page).status_code == 403


def test_the_offices_lead_reads_a_change_and_leaves_it_to_the_clerk(
    app: Flask, people: Cast, office: Office, database: Database
) -> None:
    clerk, lead = Visitor(app), Visitor(app)
    clerk.sign_in("clerk")
    lead.sign_in("lead")
    page = prepare(clerk, office)
    assert page in lead.get("/post-changes").get_data(as_text=True)
    shown = lead.get(page).get_data(as_text=True)
    assert "交接清单" in shown
    assert "确认交接</button>" not in shown
    assert "取消这份交接" not in shown
    for step in ("confirm", "cancel"):
        assert lead.post(f"{page}/{step}", {"version": "1"}, via=page).status_code == 403
    with database.reading() as session:
        assert session.scalars(select(PostChange.state)).one() is ChangeState.PREPARED
    confirm(clerk, page)
    assert "登记纸质签收" not in lead.get(page).get_data(as_text=True)


def test_a_list_taken_over_cannot_be_rewritten(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    confirm(visitor, prepare(visitor, office))
    for statement in (update(PostChangeItem).values(label="别的"), delete(PostChangeItem)):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)


def test_a_clerk_keeps_posts_and_who_holds_them(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    page = f"/units/{people.units['a']}/posts"
    assert visitor.post(page, {"title": "联络员", "kind": "liaison"}).status_code == 302
    assert visitor.post(page, {"title": "联络员", "kind": "other"}).status_code == 422
    with database.reading() as session:
        post_id = session.scalars(select(Post.id)).one()
        assert session.get_one(Unit, people.units["a"]).name == "市甲局"
    fields = {"name": "小联", "mobile": "", "from_on": "2026-01-01"}
    assert visitor.post(f"/posts/{post_id}/holdings/new", fields).status_code == 302
    assert visitor.post(f"/posts/{post_id}/holdings/new", fields).status_code == 422
    assert "不用重复登记" in visitor.text
    visitor.get(page)
    assert "小联" in visitor.text
    assert "现任" in visitor.text
    with database.reading() as session:
        holding_id = session.scalars(select(PostHolding.id)).one()
    path = f"/holdings/{holding_id}/end"
    early = {"to_on": "2025-12-31", "version": "1"}
    assert visitor.post(path, early).status_code == 422
    assert visitor.post(path, early | {"to_on": "2026-11-15"}).status_code == 302
    visitor.get(page)
    assert "2026-11-15" in visitor.text
    assert "现任" not in visitor.text.split("添加职务")[0].split("小联")[1].split("</td>")[0]


def test_the_past_of_a_task_names_who_acted_then(
    visitor: Visitor, people: Cast, office: Office, database: Database
) -> None:
    visitor.sign_in("clerk")
    confirm(visitor, prepare(visitor, office))
    with database.reading() as session:
        task = session.get_one(Task, office.tasks[0].id)
        ended = [duty for duty in task.duties if duty.to_on is not None]
        assert {duty.person_id for duty in ended} == {office.old_id}


def test_letters_that_wait_for_the_unit_stand_on_the_list_and_drafts_do_not(
    visitor: Visitor, people: Cast, office: Office, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        for number, state, unit in (
            (1, LetterState.SENT, "a"),
            (2, LetterState.RECEIVED, "a"),
            (3, LetterState.DRAFT, "a"),
            (4, LetterState.ACCEPTED, "a"),
            (5, LetterState.SENT, "b"),
        ):
            session.add(
                Letter(
                    region_id=people.regions["city"],
                    unit_id=people.units[unit],
                    kind_code="remind",
                    kind_label=f"提醒函{number}",
                    organ_code="云巡",
                    organ_name="巡察办",
                    year=2026,
                    number=number,
                    title="提醒函",
                    body="请抓紧。",
                    state=state,
                    needs_reply=True,
                    reply_due=date(2026, 12, 1),
                    **born(actor=TESTER, now=clock.now()),
                )
            )
        session.commit()
    visitor.sign_in("clerk")
    page = prepare(visitor, office)
    visitor.get(page)
    shown = {number for number in range(1, 6) if f"提醒函{number}" in visitor.text}
    assert shown == {1, 2}
    confirm(visitor, page)
    with database.reading() as session:
        query = select(PostChangeItem.letter_id).where(PostChangeItem.kind == ItemKind.LETTER)
        assert len(session.scalars(query).all()) == 2
