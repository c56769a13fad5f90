"""Pages of letters: the office writes, the unit sees only its own issued letters."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.files.storage import FileStorage
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.errors import NotVisibleError
from tracker.letters.models import Letter, LetterReply
from tracker.letters.queries import open_replies
from tracker.letters.rules.letters import LetterState
from tracker.rectification.models import Task

S = LetterState
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Tasks of units a, b (city) and e (east), all conducted by the city."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a", "b", "e"))
        for unit in ("a", "a", "b", "e"):
            made.task(session, people, unit=unit, now=clock.now())
        session.commit()
    return made


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def tasks_of(database: Database, people: Cast, unit: str) -> list[int]:
    query = select(Task.id).where(Task.lead_unit_id == people.units[unit]).order_by(Task.id)
    with database.reading() as session:
        return list(session.scalars(query))


def make(
    database: Database, people: Cast, clock: ManualClock, config: Config, **changes: Any
) -> int:
    with database.writing() as session:
        letter = make_letter(session, people, config.evidence_dir, now=clock.now(), **changes)
        session.commit()
        return letter.id


def state_of(database: Database, letter_id: int) -> LetterState:
    with database.reading() as session:
        return session.get_one(Letter, letter_id).state


def draft(people: Cast, unit: str = "a", **changes: Any) -> tuple[str, dict[str, Any]]:
    path = f"/letters/new?unit={people.units[unit]}&kind=supervision"
    fields = {
        "title": "关于加快整改的督办函",
        "body": "请逐项整改。\n请按时回复。",
        "needs_reply": "y",
        "reply_due": "2026-12-01",
        **changes,
    }
    return path, fields


def test_a_letter_goes_from_draft_to_an_accepted_reply(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk, lead, liaison = (enter(app, name) for name in ("clerk", "lead", "liaison_a"))
    task_id = tasks_of(database, people, "a")[0]
    path, fields = draft(people, tasks=[task_id])
    page = clerk.post(path, fields).headers["Location"]
    assert liaison.get(page).status_code == 404
    lead.post(f"{page}/sign", via=page)
    assert "巡办督〔2026〕1号" in lead.get(page).text
    assert liaison.get(page).status_code == 404
    clerk.post(f"{page}/send", via=page)
    assert "待签收" in liaison.get(page).text
    assert "关于加快整改的督办函" in liaison.get("/").text
    liaison.post(f"{page}/receive", via=page)
    reply = {"text": "正在整改", "is_confirmed_not_secret": "y"}
    liaison.post(f"{page}/reply", {**reply, "file": (io.BytesIO(PDF), "回复.pdf")})
    clerk.post(f"{page}/return-reply", {"reason": "请写明完成时间"})
    assert "请写明完成时间" in liaison.get(page).text
    liaison.post(f"{page}/reply", {**reply, "text": "12月完成"})
    clerk.post(f"{page}/accept-reply", via=page)
    shown = liaison.get(page).text
    assert "回复已审核" in shown
    assert shown.index("12月完成") < shown.index("正在整改")
    assert "相关函件、约谈和问责" in liaison.get(f"/tasks/{task_id}").text
    assert "巡办督〔2026〕1号" in liaison.text
    with database.reading() as session:
        replies = list(session.scalars(select(LetterReply).order_by(LetterReply.id)))
        assert [reply.outcome and reply.outcome.value for reply in replies] == [
            "returned",
            "accepted",
        ]
        assert replies[0].file is not None
        assert replies[1].file is None


def test_the_stored_file_says_what_was_signed_and_never_changes(
    app: Flask,
    database: Database,
    people: Cast,
    clock: ManualClock,
    config: Config,
) -> None:
    letter_id = make(database, people, clock, config, state=S.SENT)
    answer = enter(app, "liaison_a").get(f"/letters/{letter_id}/docx")
    text = "\n".join(line.text for line in docx.Document(io.BytesIO(answer.data)).paragraphs)
    assert re.search(
        r"关于巡察整改任务的督办函\n巡办督〔2026〕1号\n市甲局：\n请逐项整改。\n"
        r"\n?云州市委巡察工作领导小组办公室\n2026年11月16日",
        text,
    )
    with database.reading() as session:
        letter = session.get_one(Letter, letter_id)
        assert letter.file is not None
        assert FileStorage(config.evidence_dir).fault_of(letter.file) is None
        taken = session.scalars(
            select(AuditEntry.actor).where(AuditEntry.action == "letter_downloaded")
        ).all()
    assert len(taken) == 1
    assert "liaison_a" in taken[0]


SEES = {
    "clerk": {S.DRAFT, S.SIGNED, S.SENT},
    "lead": {S.DRAFT, S.SIGNED, S.SENT},
    "leader": {S.SIGNED, S.SENT},
    "liaison_a": {S.SENT},
    "head_a": {S.SENT},
    "supervisor": {S.SENT},
    "liaison_b": set(),
    "east_clerk": set(),
    "east_liaison": set(),
    "west_clerk": set(),
}


@pytest.mark.parametrize("name", SEES)
def test_each_person_sees_a_letter_from_the_state_on_that_is_theirs(
    app: Flask,
    database: Database,
    people: Cast,
    clock: ManualClock,
    config: Config,
    name: str,
) -> None:
    made = {
        state: make(database, people, clock, config, state=state)
        for state in (S.DRAFT, S.SIGNED, S.SENT)
    }
    visitor = enter(app, name)
    opened = {
        state
        for state, letter_id in made.items()
        if visitor.get(f"/letters/{letter_id}").status_code == 200
    }
    assert opened == SEES[name]
    listed = visitor.get("/letters?only=all").text
    assert {
        state for state, letter_id in made.items() if f'"/letters/{letter_id}"' in listed
    } == SEES[name]
    files = {
        state
        for state, letter_id in made.items()
        if visitor.get(f"/letters/{letter_id}/docx").status_code == 200
    }
    assert files == SEES[name] - {S.DRAFT}


def test_a_county_office_reads_what_the_city_sent_to_its_unit_and_changes_nothing(
    app: Flask,
    database: Database,
    people: Cast,
    clock: ManualClock,
    config: Config,
    work: Work,
) -> None:
    drafted = make(database, people, clock, config, unit="e")
    sent = make(database, people, clock, config, unit="e", state=S.SENT)
    county = enter(app, "east_lead")
    assert county.get(f"/letters/{drafted}").status_code == 404
    assert county.get(f"/letters/{sent}").status_code == 200
    assert county.get(f"/letters/{sent}/void").status_code == 404
    clerk = enter(app, "east_clerk")
    clerk.post(f"/letters/{sent}/receive", via=f"/letters/{sent}")
    assert state_of(database, sent) is S.SENT


@pytest.mark.parametrize("name", ["liaison_a", "leader", "supervisor", "admin"])
def test_nobody_but_the_office_writes(app: Flask, people: Cast, name: str) -> None:
    visitor = enter(app, name)
    path, fields = draft(people)
    assert visitor.get("/letters/new").status_code == 403
    assert visitor.post(path, fields, via="/").status_code == 403
    assert visitor.get("/letter-kinds").status_code == 403


def test_a_clerk_does_not_sign(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config)
    clerk = enter(app, "clerk")
    assert f"/letters/{letter_id}/sign" not in clerk.get(f"/letters/{letter_id}").text
    answer = clerk.post(f"/letters/{letter_id}/sign", via=f"/letters/{letter_id}")
    assert answer.status_code == 403
    assert state_of(database, letter_id) is S.DRAFT


@pytest.mark.parametrize("foreign", ["b", "e"])
def test_a_letter_is_about_its_own_units_tasks_only(
    app: Flask, database: Database, people: Cast, work: Work, foreign: str
) -> None:
    clerk = enter(app, "clerk")
    path, fields = draft(people, tasks=tasks_of(database, people, foreign))
    assert clerk.post(path, fields).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Letter.id)).all() == []


def test_a_unit_of_another_county_is_no_addressee(app: Flask, people: Cast, work: Work) -> None:
    clerk = enter(app, "clerk")
    assert clerk.get(draft(people, unit="w")[0]).status_code == 404
    assert clerk.get(draft(people, unit="e")[0]).status_code == 200  # 提级: it has our tasks


def test_a_draft_somebody_else_changed_meanwhile_is_not_overwritten(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config)
    path = f"/letters/{letter_id}/edit"
    clerk = enter(app, "clerk")
    fields = {**draft(people)[1], "version": "1"}
    assert clerk.post(path, {**fields, "title": "甲的标题"}).status_code == 302
    late = clerk.post(path, {**fields, "title": "乙的标题"})
    assert late.status_code == 409
    assert "乙的标题" in late.text
    with database.reading() as session:
        assert session.get_one(Letter, letter_id).title == "甲的标题"


def test_a_signed_letter_cannot_be_edited(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config, state=S.SIGNED)
    fields = {**draft(people)[1], "title": "改掉", "version": "2"}
    for version in "123":
        answer = enter(app, "clerk").post(
            f"/letters/{letter_id}/edit", {**fields, "version": version}
        )
        assert answer.status_code in (409, 422)
    with database.reading() as session:
        assert session.get_one(Letter, letter_id).title != "改掉"


def test_a_reply_needs_the_word_that_it_is_no_secret(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config, state=S.RECEIVED)
    liaison = enter(app, "liaison_a")
    refused = liaison.post(f"/letters/{letter_id}/reply", {"text": "已整改"})
    assert (refused.status_code, "请先确认不涉密" in refused.text) == (422, True)
    assert state_of(database, letter_id) is S.RECEIVED


def test_a_clerk_who_replies_for_a_unit_is_named_as_such(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config, state=S.RECEIVED)
    clerk = enter(app, "clerk")
    clerk.post(f"/letters/{letter_id}/reply", {"text": "纸质回复", "is_confirmed_not_secret": "y"})
    assert "代市甲局录入" in clerk.get(f"/letters/{letter_id}").text


def test_a_letter_that_asks_for_a_reply_says_by_when_and_not_too_late(
    app: Flask, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    path, fields = draft(people, reply_due="")
    assert "请填写回复时限" in clerk.post(path, fields).text
    path, fields = draft(people, reply_due="2026-11-15")
    assert "已经过去" in clerk.post(path, fields).text


def test_a_letter_whose_reply_day_passed_before_it_was_signed_is_not_signed(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config)
    clock.advance(timedelta(days=30))
    lead = enter(app, "lead")
    lead.post(f"/letters/{letter_id}/sign", via=f"/letters/{letter_id}")
    assert "请先修改回复时限" in lead.get(f"/letters/{letter_id}").text
    assert state_of(database, letter_id) is S.DRAFT


def test_a_letter_that_changed_after_the_lead_opened_it_is_not_signed_unread(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    letter_id = make(database, people, clock, config)
    lead, page = enter(app, "lead"), f"/letters/{letter_id}"
    with database.writing() as session:
        letter = session.get_one(Letter, letter_id)
        old, letter.title = letter.version, "换了标题"
        session.commit()
    lead.post(f"{page}/sign", {"version": str(old)}, via=page)
    assert "这份函件在您打开后有变化" in lead.get(page).text
    assert state_of(database, letter_id) is S.DRAFT
    lead.post(f"{page}/sign", via=page)
    assert state_of(database, letter_id) is not S.DRAFT


def test_open_replies_are_those_still_owed_in_the_readers_scope(
    database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    for state in S:
        make(database, people, clock, config, state=state)
    make(database, people, clock, config, state=S.SENT, needs_reply=False)
    make(database, people, clock, config, state=S.SENT, unit="b")
    with database.reading() as session:
        found = {
            name: [
                (letter.unit_id == people.units["a"], letter.state)
                for letter in open_replies(session, actor=people.actor(name), limit=50)
            ]
            for name in ("clerk", "liaison_a", "liaison_b", "supervisor", "east_clerk")
        }
    owed = [(True, S.SENT), (True, S.RECEIVED), (True, S.RETURNED)]
    assert found["clerk"] == [*owed, (False, S.SENT)]
    assert found["liaison_a"] == found["supervisor"] == owed
    assert found["liaison_b"] == [(False, S.SENT)]
    assert found["east_clerk"] == []


def test_filters_narrow_the_list_and_stay_in_the_address(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    late = make(database, people, clock, config, state=S.SENT)
    clock.advance(timedelta(days=40))
    fresh = make(
        database,
        people,
        clock,
        config,
        state=S.SENT,
        kind="duty",
        reply_due=None,
        needs_reply=False,
    )
    clerk = enter(app, "clerk")

    def listed(query: str) -> set[int]:
        found = re.findall(r'href="/letters/(\d+)"', clerk.get(f"/letters?{query}").text)
        return {int(letter_id) for letter_id in found}

    assert listed("") == {late, fresh}
    assert listed("only=overdue") == {late}
    assert "逾期" in clerk.text
    assert listed("kind=duty") == {fresh}
    assert listed("q=〔2026〕1号") == {late, fresh}
    assert listed("q=巡办履") == {fresh}
    assert listed("state=draft") == set()
    assert listed(f"after={fresh}") == {late}
    assert listed("year=99999999999999999&unit=0") == set()


def test_the_list_turns_its_pages(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    with database.writing() as session:
        for _ in range(53):
            make_letter(session, people, config.evidence_dir, now=clock.now())
        session.commit()
    clerk = enter(app, "clerk")
    first = clerk.get("/letters?state=draft").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert "共 53 份" in first
    second = clerk.get(following.group(1).replace("&amp;", "&")).text
    assert len(re.findall(r'href="/letters/\d+"', first)) == 50
    assert len(re.findall(r'href="/letters/\d+"', second)) == 3


def test_a_kind_of_ones_own_begins_with_the_plain_text_and_its_own_organ(
    app: Flask, database: Database, people: Cast, config: Config, tmp_path: Path
) -> None:
    clerk = enter(app, "clerk")
    kind = {
        "label": "工作提示函",
        "organ_code": "云巡示",
        "organ_name": "中共云州市纪律检查委员会",
        "reply_days": "10",
        "is_active": "y",
    }
    assert clerk.post("/letter-kinds/new", kind).status_code == 302
    assert "已有名为" in clerk.post("/letter-kinds/new", kind).text
    clerk.get(f"/letters/new?unit={people.units['a']}&kind=own-1")
    assert "请认真研究，抓好落实。" in clerk.text
    path = f"/letters/new?unit={people.units['a']}&kind=own-1"
    page = clerk.post(path, {"title": "提示", "body": "请关注。"}).headers["Location"]
    lead = enter(app, "lead")
    lead.post(f"{page}/sign", via=page)
    assert "云巡示〔2026〕1号" in lead.get(page).text
    text = docx.Document(io.BytesIO(lead.get(f"{page}/docx").data)).paragraphs
    assert "中共云州市纪律检查委员会" in [line.text for line in text]
    assert "工作提示函" not in enter(app, "east_clerk").get("/letters/new").text


def test_a_kind_that_is_switched_off_is_not_offered_and_not_taken(app: Flask, people: Cast) -> None:
    clerk = enter(app, "clerk")
    off = {"label": "督办函", "organ_code": "巡办督", "reply_days": "15"}
    assert clerk.post("/letter-kinds/supervision/edit", off).status_code == 302
    assert "督办函" not in clerk.get("/letters/new").text
    path, fields = draft(people)
    assert "已停用" in clerk.post(path, fields).text


def test_of_two_who_change_a_kind_the_second_is_told(app: Flask, people: Cast) -> None:
    """Though the first one changed its name alone, and it was as built in before."""
    first, second = enter(app, "clerk"), enter(app, "acting_lead")
    page = "/letter-kinds/supervision/edit"
    kind = {"organ_code": "巡办督", "reply_days": "15", "is_active": "y"}
    for label, version in (("督促函", "0"), ("督促办理函", "1")):
        fields = {**kind, "label": label, "version": version}
        assert first.post(page, fields).status_code == 302
        answer = second.post(page, {**fields, "label": "催办函"})
        assert answer.status_code == 409
        assert label in second.text
    assert "催办函" not in first.get("/letter-kinds").text


def test_a_letter_begun_from_a_task_is_about_it(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    task_id = tasks_of(database, people, "a")[0]
    clerk = enter(app, "clerk")
    assert f"/letters/new?task={task_id}" in clerk.get(f"/tasks/{task_id}").text
    page = clerk.get(f"/letters/new?task={task_id}&kind=supervision").text
    assert "任务7-3-001-01：问题1" in page
    assert re.search(rf'checked[^>]*value="{task_id}"', page)


@pytest.mark.parametrize("foreign", ["b", "e"])
def test_the_service_itself_refuses_another_units_tasks(
    database: Database, people: Cast, clock: ManualClock, work: Work, tmp_path: Path, foreign: str
) -> None:
    task_ids = tuple(tasks_of(database, people, foreign))
    with database.writing() as session, pytest.raises(NotVisibleError):
        make_letter(session, people, tmp_path, now=clock.now(), task_ids=task_ids)
