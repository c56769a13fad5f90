"""佐证材料 through the pages: several at once, photos, revisions, withdrawals, second uses."""

import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.bench.statements import counted
from tests.factories.cast import TESTER, Cast
from tests.factories.files import pdf, photo
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.handing_in import SAID, enter, revise, rows, send_photos, upload
from tracker.audit.models import AuditEntry
from tracker.kernel.config import Config
from tracker.kernel.db import Database, born
from tracker.ledger.exporting import export_ledger
from tracker.rectification.evidence_queries import evidence_that_counts, lines_of, pieces_of
from tracker.rectification.models import Evidence, Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def make_task(
    database: Database,
    people: Cast,
    clock: ManualClock,
    work: Work,
    unit: str = "a",
    state: TaskState = TaskState.IN_PROGRESS,
) -> int:
    with database.writing() as session:
        task = work.task(session, people, unit=unit, state=state, now=clock.now())
        session.commit()
        return task.id


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock, work: Work) -> int:
    return make_task(database, people, clock, work)


def on_disk(config: Config) -> list[Path]:
    return [path for path in config.evidence_dir.rglob("*") if path.is_file()]


def entries(database: Database, action: str) -> list[tuple[str, dict[str, object]]]:
    with database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return [(entry.actor, json.loads(entry.detail)) for entry in session.scalars(query)]


def ask_for_closing(app: Flask, database: Database, task_id: int, **fields: str) -> tuple[int, str]:
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        version, measures = task.version, [str(measure.id) for measure in task.measures]
    liaison = enter(app, "liaison_a")
    data = {
        "text": "已整改。",
        "completion": "done",
        "done_on": "2026-11-12",
        "version": str(version),
        "measures": measures,
        **fields,
    }
    return liaison.post(f"/tasks/{task_id}/closure", data).status_code, liaison.text


def test_several_files_at_once_are_evidence_each(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    files = [("办法.pdf", pdf()), ("照片.jpg", photo())]
    assert upload(liaison, task_id, *files) == 302
    assert upload(liaison, task_id, ("三.pdf", pdf(3)), ("四.pdf", pdf(4)), title="制度") == 302
    assert [row.title for row in rows(database)] == [
        "办法.pdf",
        "照片.jpg",
        "制度（1）",
        "制度（2）",
    ]
    added = entries(database, "evidence_added")
    assert [detail["evidence"] for _who, detail in added] == [1, 2, 3, 4]
    assert [detail["sha256"] for _who, detail in added] == [r.file.sha256 for r in rows(database)]


def test_one_bad_file_of_several_is_named_and_none_is_kept(
    app: Flask, database: Database, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    files = [("办法.pdf", pdf()), ("网页.pdf", b"<html><script>alert(1)</script>")]
    assert upload(liaison, task_id, *files) == 422
    assert "第 2 个文件“网页.pdf”：文件内容与扩展名 .pdf 不符" in liaison.text
    assert rows(database) == []
    assert on_disk(config) == []


def test_a_refused_statement_keeps_no_bytes(
    app: Flask, database: Database, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    assert upload(liaison, task_id, ("a.pdf", pdf()), document_on="2026-11-17") == 422
    assert "不能晚于今天" in liaison.text
    assert upload(liaison, task_id, ("a.pdf", pdf()), is_confirmed_not_secret="") == 422
    assert upload(liaison, task_id, *[("a.pdf", pdf())] * 21) == 422
    assert "一次最多 20 个文件" in liaison.text
    assert upload(liaison, task_id) == 422
    assert "请选择文件" in liaison.text
    assert (rows(database), on_disk(config)) == ([], [])


def test_ten_photos_become_one_piece_and_their_digests_are_kept(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    photos = [photo((300 + n, 200)) for n in range(10)]
    assert send_photos(liaison, task_id, photos) == 302
    (row,) = rows(database)
    assert (row.title, row.file.original_name) == ("现场照片", "现场照片.pdf")
    ((_who, detail),) = entries(database, "evidence_added")
    originals = detail["originals"]
    assert isinstance(originals, list)
    assert len(set(originals)) == 10
    liaison.get("/evidence/1/preview?page=10")
    assert "第 10 页，共 10 页" in liaison.text


def test_a_broken_photo_is_named_and_nothing_is_kept(
    app: Flask, database: Database, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    assert send_photos(liaison, task_id, [photo(), photo((900, 900))[:1500], photo()]) == 422
    assert "第 2 张“IMG_2.jpg”打不开" in liaison.text
    assert send_photos(liaison, task_id, [photo()], title="") == 422
    assert (rows(database), on_disk(config)) == ([], [])


def test_the_newest_version_counts_and_the_old_ones_stay_readable(
    app: Flask, database: Database, people: Cast, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()), title="财务办法")
    assert revise(liaison, database, 1, "办法二.pdf", pdf(2), document_on="2026-11-11") == 302
    assert revise(liaison, database, 2, "办法三.pdf", pdf(3)) == 302
    liaison.get(f"/tasks/{task_id}")
    assert "修订 3 版，查看以前版本" in liaison.text
    assert [row.title for row in rows(database)] == ["财务办法"] * 3
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        assert [row.id for row in evidence_that_counts(session, task)] == [3]
        (piece,) = pieces_of(session, task, actor=people.actor("clerk"))
        assert (piece.newest.id, [row.id for row in piece.older]) == (3, [2, 1])
    for number in (1, 2):
        answer = liaison.get(f"/evidence/{number}/file")
        assert (answer.status_code, answer.data) == (200, pdf(number))
    liaison.get("/evidence/1/preview")
    assert "这不是最新版本" in liaison.text
    assert [d["replaces"] for _who, d in entries(database, "evidence_revised")] == [1, 2]


def test_only_the_newest_version_stands_in_the_way_of_the_day_of_completion(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()), document_on="2026-11-15")
    status, text = ask_for_closing(app, database, task_id)
    assert (status, "完成日期早于佐证材料的日期（2026-11-15）" in text) == (422, True)
    revise(liaison, database, 1, "办法.pdf", pdf(2), document_on="2026-11-09")
    assert ask_for_closing(app, database, task_id)[0] == 302


def test_a_piece_whose_newest_version_is_withdrawn_is_no_evidence_at_all(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()), title="财务办法")
    revise(liaison, database, 1, "办法二.pdf", pdf(2))
    with database.reading() as session:
        tour = session.get_one(Round, work.round_id)
        before = export_ledger(session, tour, actor=people.actor("clerk"), now=clock.now())
    assert liaison.post("/evidence/1/withdraw", {"reason": "旧版"}).status_code == 422
    assert "对最新版本办理" in liaison.text
    assert liaison.post("/evidence/2/withdraw", {"reason": "日期有误"}).status_code == 302
    liaison.get(f"/tasks/{task_id}")
    assert "单位联络员liaison_a撤下：日期有误" in liaison.text
    assert liaison.get("/evidence/2/file").status_code == 200
    status, text = ask_for_closing(app, database, task_id)
    assert (status, "请至少上传一份佐证材料" in text) == (422, True)
    with database.reading() as session:
        assert evidence_that_counts(session, session.get_one(Task, task_id)) == []
        after = export_ledger(session, tour, actor=people.actor("clerk"), now=clock.now())
    assert titles(before) == ["财务办法"]
    assert titles(after) == []


def titles(workbook: bytes) -> list[str]:
    sheet = load_workbook(io.BytesIO(workbook)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    return [text for text in cells if text == "财务办法"]


def test_two_people_revising_at_once_do_not_fork_the_line(
    app: Flask, database: Database, people: Cast, clock: ManualClock, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()))
    with database.writing() as session:
        session.get_one(Evidence, 1).title = "别人改过"
        session.commit()
    assert revise(liaison, database, 1, "甲.pdf", pdf(2), version="1") == 409
    assert "这份材料已被别人修改" in liaison.text
    assert revise(liaison, database, 1, "甲.pdf", pdf(2)) == 302
    assert liaison.get("/evidence/1/revise").status_code == 422
    assert "已有更新的版本" in liaison.text
    assert len(on_disk(config)) == 2
    fork = {"task_id": task_id, "file_id": 1, "title": "x", "is_confirmed_not_secret": True}
    stamps = born(actor=TESTER, now=clock.now())
    with database.writing() as session:
        session.add(Evidence(document_on=clock.now().date(), replaces_id=1, **fork, **stamps))
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_revision_has_to_differ_and_a_withdrawn_piece_is_not_revised(
    app: Flask, database: Database, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()))
    assert revise(liaison, database, 1, "同.pdf", pdf()) == 422
    assert "与现在的版本完全相同" in liaison.text
    liaison.post("/evidence/1/withdraw", {"reason": "误传"})
    assert liaison.get("/evidence/1/revise").status_code == 422
    assert "已经撤下，不能再修订" in liaison.text
    assert (len(rows(database)), len(on_disk(config))) == (1, 1)


@pytest.mark.parametrize("state", [TaskState.UNIT_CHECK, TaskState.OFFICE_REVIEW, TaskState.CLOSED])
def test_evidence_stands_still_while_others_look_at_it(
    app: Flask, database: Database, people: Cast, clock: ManualClock, task_id: int, state: TaskState
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()))
    with database.writing() as session:
        session.get_one(Task, task_id).state = state
        session.commit()
    for path in (f"/tasks/{task_id}/evidence", f"/tasks/{task_id}/photos", "/evidence/1/revise"):
        assert liaison.get(path).status_code == 422
        assert "不能再上传材料" in liaison.text
    assert upload(liaison, task_id, ("二.pdf", pdf(2)), via="/") == 422
    assert liaison.post("/evidence/1/withdraw", {"reason": "误传"}).status_code == 422
    assert "不能撤下材料" in liaison.text
    assert [row.withdrawn_at for row in rows(database)] == [None]


def test_whoever_may_hand_in_is_offered_it_and_nobody_else(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    offered: dict[TaskState, set[str]] = {}
    for state in (TaskState.IN_PROGRESS, TaskState.LONG_TERM, TaskState.OFFICE_REVIEW):
        task_id = make_task(database, people, clock, work, state=TaskState.IN_PROGRESS)
        upload(enter(app, "liaison_a"), task_id, (f"{state}.pdf", pdf(len(state))))
        with database.writing() as session:
            session.get_one(Task, task_id).state = state
            session.commit()
        for who in ("liaison_a", "clerk", "lead", "head_a", "supervisor"):
            visitor = enter(app, who)
            visitor.get(f"/tasks/{task_id}")
            links = re.findall(r"/evidence/\d+/(revise|withdraw)\"", visitor.text)
            assert links in ([], ["revise", "withdraw"])
            if links:
                offered.setdefault(state, set()).add(who)
    hands = {"liaison_a", "clerk"}
    assert offered == {TaskState.IN_PROGRESS: hands, TaskState.LONG_TERM: hands}


@pytest.mark.parametrize("who", ["liaison_b", "east_clerk", "east_liaison"])
def test_strangers_get_what_an_unknown_id_gets(
    app: Flask, database: Database, config: Config, task_id: int, who: str
) -> None:
    upload(enter(app, "liaison_a"), task_id, ("办法.pdf", pdf()))
    stranger = enter(app, who)
    stranger.get("/evidence/999/file")
    unknown = stranger.text
    for path in ("file", "preview", "pages/1.png", "revise", "withdraw"):
        assert stranger.get(f"/evidence/1/{path}").status_code == 404, path
        assert stranger.text == unknown
    for path in ("evidence", "photos"):
        assert stranger.get(f"/tasks/{task_id}/{path}").status_code == 404
    data = {**SAID, "version": "1", "file": (io.BytesIO(pdf(2)), "x.pdf")}
    assert stranger.post("/evidence/1/revise", data, via="/").status_code == 404
    assert (len(rows(database)), len(on_disk(config))) == (1, 1)
    assert entries(database, "evidence_downloaded") == entries(database, "evidence_previewed") == []


@pytest.mark.parametrize("who", ["lead", "head_a", "supervisor", "leader"])
def test_those_who_only_read_cannot_hand_in(
    app: Flask, database: Database, task_id: int, who: str
) -> None:
    upload(enter(app, "liaison_a"), task_id, ("办法.pdf", pdf()))
    reader = enter(app, who)
    assert reader.get("/evidence/1/file").status_code == 200
    for path in ("/evidence/1/revise", "/evidence/1/withdraw", f"/tasks/{task_id}/photos"):
        assert reader.get(path).status_code == 403


def test_the_same_file_under_other_tasks_is_flagged_to_those_who_may_see_them(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, task_id: int
) -> None:
    sibling = make_task(database, people, clock, work)
    foreign = make_task(database, people, clock, work, unit="b")
    liaison, other = enter(app, "liaison_a"), enter(app, "liaison_b")
    upload(liaison, sibling, ("办法.pdf", pdf()))
    upload(other, foreign, ("通知.pdf", pdf()))
    upload(liaison, task_id, ("改名.pdf", pdf()), ("独有.pdf", pdf(7)))
    liaison.get(f"/tasks/{task_id}")
    assert "已用于另外 1 项任务（7-3-002-01）" in liaison.text
    assert liaison.text.count("同一份文件还用于 1 项任务") == 1
    assert "7-3-003-01" not in liaison.text
    assert "市乙局" not in liaison.text
    other.get(f"/tasks/{foreign}")
    assert "同一份文件" not in other.text
    clerk = enter(app, "clerk")
    clerk.get(f"/tasks/{task_id}")
    assert "同一份文件还用于 2 项任务" in clerk.text
    assert f'href="/tasks/{foreign}#evidence">7-3-003-01（市乙局）' in clerk.text

    liaison.post("/evidence/1/withdraw", {"reason": "误传"})
    clerk.get(f"/tasks/{task_id}")
    assert "同一份文件还用于 1 项任务" in clerk.text


def test_the_same_photos_combined_again_are_flagged_too(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, task_id: int
) -> None:
    sibling = make_task(database, people, clock, work)
    liaison = enter(app, "liaison_a")
    photos = [photo(), photo((300, 200))]
    send_photos(liaison, task_id, photos, title="甲")
    send_photos(liaison, sibling, photos, title="乙")
    liaison.get(f"/tasks/{sibling}")
    assert "同一份文件还用于 1 项任务" in liaison.text


def test_the_lead_sees_the_flag_where_the_closing_is_decided(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, task_id: int
) -> None:
    sibling = make_task(database, people, clock, work)
    liaison = enter(app, "liaison_a")
    upload(liaison, sibling, ("办法.pdf", pdf()))
    upload(liaison, task_id, ("办法.pdf", pdf()), title="财务办法")
    revise(liaison, database, 2, "办法.pdf", pdf(9))
    revise(liaison, database, 3, "办法.pdf", pdf())
    with database.writing() as session:
        session.get_one(Task, task_id).state = TaskState.OFFICE_REVIEW
        session.commit()
    lead = enter(app, "lead")
    lead.get(f"/tasks/{task_id}/close")
    assert "同一份文件还用于 1 项任务" in lead.text
    assert "修订 3 版" in lead.text
    assert lead.text.count("财务办法</a>") == 3


def test_more_evidence_costs_the_page_no_more_statements(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work, task_id: int
) -> None:
    sibling = make_task(database, people, clock, work)
    liaison, clerk = enter(app, "liaison_a"), enter(app, "clerk")
    numbers = []
    for start in (1, 5):
        for number in range(start, start + 4):
            upload(liaison, task_id, (f"{number}.pdf", pdf(number)))
            upload(liaison, sibling, (f"{number}.pdf", pdf(number)))
        clerk.get(f"/tasks/{task_id}")
        with counted() as statements:
            clerk.get(f"/tasks/{task_id}")
        numbers.append(len(statements))
    assert "同一份文件还用于 1 项任务" in clerk.text
    assert numbers[0] == numbers[1]


def test_lines_are_sorted_by_their_first_version() -> None:
    made = [
        Evidence(id=1),
        Evidence(id=2),
        Evidence(id=3, replaces_id=1),
        Evidence(id=4),
        Evidence(id=5, replaces_id=3),
    ]
    assert [[row.id for row in line] for line in lines_of(made)] == [[5, 3, 1], [2], [4]]
