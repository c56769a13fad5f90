"""迎检包: everything of a unit in a round, nothing of another's, every byte accounted for."""

import hashlib
import io
from zipfile import ZipFile

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.bench.statements import counted
from tests.factories.cast import TESTER, Cast
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.closed_task import PDF, Closed, make_closed
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database, born
from tracker.kernel.errors import NotVisibleError
from tracker.ledger.dossier import Folder, dossier_of
from tracker.letters.rules.letters import LetterState
from tracker.rectification.models import Evidence, Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round


@pytest.fixture
def storage(app: Flask) -> FileStorage:
    """Where the files of the product lie."""
    return FileStorage(app.extensions["tracker_config"].evidence_dir)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round with two units."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def closed(
    database: Database, people: Cast, clock: ManualClock, work: Work, storage: FileStorage
) -> Closed:
    """A closed task of unit a with evidence and two scans, a letter about it, and one of unit b."""
    with database.writing() as session:
        made = make_closed(session, people, clock, work, storage)
        task = session.get_one(Task, made.task_id)
        for state in (LetterState.SENT, LetterState.DRAFT):
            make_letter(
                session, people, storage.folder, now=clock.now(), state=state, task_ids=[task.id]
            )
        make_letter(session, people, storage.folder, now=clock.now(), state=LetterState.SENT)
        work.task(session, people, unit="b", now=clock.now())
        session.commit()
    return made


def address(work: Work, people: Cast, unit: str = "a") -> str:
    return f"?round={work.round_id}&unit={people.units[unit]}"


def downloaded(visitor: Visitor, work: Work, people: Cast) -> ZipFile:
    answer = visitor.get(f"/ledger/dossier/file{address(work, people)}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    return ZipFile(io.BytesIO(answer.get_data()))


def signed_in(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def index_rows(zip_file: ZipFile) -> list[dict[str, object]]:
    sheet = load_workbook(io.BytesIO(zip_file.read("00目录.xlsx"))).worksheets[0]
    titles = [str(cell.value) for cell in sheet[3]]
    return [
        dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)
    ]


def test_it_holds_every_paper_of_the_unit_and_each_digest_is_that_of_the_bytes(
    app: Flask, closed: Closed, work: Work, people: Cast
) -> None:
    assert closed.path.read_bytes() == PDF
    zip_file = downloaded(signed_in(app, "clerk"), work, people)
    names = zip_file.namelist()
    assert names[-2:] == ["00目录.xlsx", "SHA256SUMS.txt"]
    assert [name.split("/")[0] for name in names[:-2]] == [
        "01反馈问题台账",
        "04佐证材料",
        "05办理和审核记录",
        "05办理和审核记录",
        "06函件",
        "07整改销号审批表",
        "07整改销号审批表",
    ]
    assert zip_file.read(names[1]) == PDF
    assert names[1] == "04佐证材料/7-3-001-01/01_办法.pdf"
    sums = zip_file.read("SHA256SUMS.txt").decode().splitlines()
    assert sums == [
        f"{hashlib.sha256(zip_file.read(name)).hexdigest()}  {name}" for name in names[:-2]
    ]
    rows = index_rows(zip_file)
    assert [row["文件"] for row in rows] == names[:-2]
    assert [row["大小（字节）"] for row in rows] == [
        zip_file.getinfo(name).file_size for name in names[:-2]
    ]
    assert all(row["备注"] is None for row in rows)
    assert zip_file.testzip() is None


def test_the_trail_says_who_did_what(app: Flask, closed: Closed, work: Work, people: Cast) -> None:
    zip_file = downloaded(signed_in(app, "clerk"), work, people)
    (name,) = [name for name in zip_file.namelist() if name.endswith("办理和审核记录.xlsx")]
    done, said = load_workbook(io.BytesIO(zip_file.read(name))).worksheets
    steps = list(done.iter_rows(min_row=3, values_only=True))
    assert steps[-1][2:5] == ("销号", "待审核销号", "已销号")
    assert steps[-1][7] == "予以销号"
    outcomes = [row[2] for row in said.iter_rows(min_row=3, values_only=True)]
    assert outcomes == ["建议销号", "会签同意", "同意销号"]


def test_a_unit_reads_decisions_not_who_recommended_or_co_signed(
    app: Flask, closed: Closed, work: Work, people: Cast
) -> None:
    zip_file = downloaded(signed_in(app, "liaison_a"), work, people)
    (name,) = [name for name in zip_file.namelist() if name.endswith("办理和审核记录.xlsx")]
    said = load_workbook(io.BytesIO(zip_file.read(name))).worksheets[1]
    assert [row[2] for row in said.iter_rows(min_row=3, values_only=True)] == ["同意销号"]


@pytest.mark.parametrize("username", ["liaison_b", "east_clerk", "east_liaison"])
def test_nobody_gets_what_is_another_units(
    app: Flask, closed: Closed, work: Work, people: Cast, username: str
) -> None:
    visitor = signed_in(app, username)
    for page in ("", "/file"):
        assert visitor.get(f"/ledger/dossier{page}{address(work, people)}").status_code == 404


def test_another_office_gathers_nothing_even_where_it_has_the_round(
    database: Database, people: Cast, clock: ManualClock, closed: Closed, work: Work
) -> None:
    with database.reading() as session:
        tour = session.get_one(Round, work.round_id)
        for other in ("east_clerk", "east_lead"):
            with pytest.raises(NotVisibleError):
                dossier_of(
                    session, tour, people.units["a"], actor=people.actor(other), now=clock.now()
                )


def test_a_unit_lists_itself_alone(app: Flask, closed: Closed, work: Work, people: Cast) -> None:
    page = signed_in(app, "liaison_b").get(f"/ledger/dossiers?round={work.round_id}").text
    assert f"unit={people.units['b']}" in page
    assert f"unit={people.units['a']}" not in page
    office = signed_in(app, "clerk").get(f"/ledger/dossiers?round={work.round_id}").text
    assert f"unit={people.units['a']}" in office
    assert f"unit={people.units['b']}" in office


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_lost_or_changed_file_is_named_and_keeps_no_other_paper_back(
    app: Flask, database: Database, closed: Closed, work: Work, people: Cast, *, is_gone: bool
) -> None:
    if is_gone:
        closed.path.unlink()
    else:
        closed.path.write_bytes(PDF[:-1] + b"!")
    zip_file = downloaded(signed_in(app, "clerk"), work, people)
    assert [name for name in zip_file.namelist() if name.startswith("04")] == []
    (row,) = [row for row in index_rows(zip_file) if row["名称"] == "审批办法"]
    fault = "文件不在服务器上" if is_gone else "内容与登记的校验值不符"
    assert row["备注"] == f"未放入：{fault}"
    assert len(zip_file.namelist()) == 8
    with database.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == "dossier_downloaded")
        (detail,) = session.scalars(query)
    assert '"left_out": 1' in detail


def test_drafts_and_voided_tasks_give_no_dossier(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    with database.writing() as session:
        for state in (TaskState.DRAFT, TaskState.VOID):
            work.task(session, people, state=state, now=clock.now())
        tour = session.get_one(Round, work.round_id)
        with pytest.raises(NotVisibleError):
            dossier_of(
                session, tour, people.units["a"], actor=people.actor("clerk"), now=clock.now()
            )


def test_more_tasks_need_no_more_statements(
    database: Database, people: Cast, clock: ManualClock, work: Work, closed: Closed
) -> None:
    clerk, unit_id = people.actor("clerk"), people.units["a"]

    def statements() -> int:
        with database.reading() as session:
            tour = session.get_one(Round, work.round_id)
            with counted() as found:
                gathered = dossier_of(session, tour, unit_id, actor=clerk, now=clock.now())
        assert gathered.of(Folder.EVIDENCE)
        return len(found)

    before = statements()
    with database.writing() as session:
        piece = session.scalars(select(Evidence)).one()
        for _ in range(5):
            task = work.task(session, people, now=clock.now())
            session.add(
                Evidence(
                    task_id=task.id,
                    file_id=piece.file_id,
                    title="会议记录",
                    document_on=piece.document_on,
                    is_confirmed_not_secret=True,
                    **born(actor=TESTER, now=clock.now()),
                )
            )
        session.commit()
    assert statements() == before
    with database.reading() as session:
        tour = session.get_one(Round, work.round_id)
        gathered = dossier_of(session, tour, unit_id, actor=clerk, now=clock.now())
    numbers = [entry.task_no for entry in gathered.of(Folder.EVIDENCE)]
    assert len(numbers) == len(set(numbers)) == 6


def test_the_page_says_what_will_be_in_it(
    app: Flask, closed: Closed, work: Work, people: Cast
) -> None:
    page = signed_in(app, "clerk").get(f"/ledger/dossier{address(work, people)}").text
    for folder in Folder:
        assert folder.label in page
    assert "审批办法" in page
    assert "共 7 份材料" in page
