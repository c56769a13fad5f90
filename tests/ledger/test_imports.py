"""The pages of an import, from the upload to the confirmation."""

import io
import re
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledgers.books import Book, book
from tests.ledgers.ods_file import to_ods
from tests.ledgers.text_file import to_text
from tests.ledgers.xls_file import to_xls
from tests.visitor import Visitor
from tracker.files.models import StoredFile
from tracker.kernel.db import Database
from tracker.ledger.models import ImportBatch
from tracker.rectification.models import Task


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return work.round_id


def upload(
    visitor: Visitor, round_id: int, content: bytes, name: str = "台账.xlsx", fed_back_on: str = ""
) -> str:
    """Send the wizard's form; return where it leads, or "" when it was refused."""
    fields = {
        "round_id": str(round_id),
        "fed_back_on": fed_back_on,
        "file": (io.BytesIO(content), name),
    }
    response = visitor.post("/imports/new", fields, content_type="multipart/form-data")
    assert response.status_code in (302, 422)
    return response.headers.get("Location", "")


@pytest.mark.parametrize("name", ["台账.csv", "台账.tsv", "台账.ods", "台账.xls", "台账.et"])
def test_a_ledger_of_another_format_is_previewed_and_kept(
    database: Database, visitor: Visitor, round_id: int, name: str
) -> None:
    rows = book(
        ("被巡察单位", "反馈问题", "整改措施", "整改时限"),
        ("市甲局", "台账㐀问题", "措施", "2026年12月底前"),
    )
    make: dict[str, Callable[[Book], bytes]] = {
        "csv": partial(to_text, encoding="gb18030"),
        "tsv": partial(to_text, delimiter="\t"),
        "ods": to_ods,
        "et": partial(to_xls, spoilt=True),
    }
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, make.get(name[3:], to_xls)(rows), name)
    visitor.get(f"{page}?show=new")
    assert "台账㐀问题" in visitor.text
    assert ("不能判断是否有隐藏行" in visitor.text) is name.endswith(".et")
    with database.reading() as session:
        assert session.scalar(select(StoredFile.original_name)) == name


def test_a_clerk_imports_a_ledger_from_upload_to_tasks(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    assert re.fullmatch(r"/imports/\d+", page)
    visitor.get(page)
    assert "市无此局" in visitor.text  # what needs eyes comes first
    assert "暂按反馈日期" in visitor.text
    assert "制定学习计划" not in visitor.text
    visitor.get(f"{page}?show=new")
    assert "制定学习计划" in visitor.text
    visitor.post(f"{page}/apply", via=page)
    visitor.get(page)
    assert "已新建任务" in visitor.text
    assert "确认导入" not in visitor.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 6
    visitor.post(f"{page}/apply", via="/imports/new")
    assert "不能再办理" in visitor.get(page).get_data(as_text=True)
    visitor.get("/imports")
    assert "台账.xlsx" in visitor.text


def test_an_abandoned_import_makes_nothing(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    visitor.post(f"{page}/cancel", via=page)
    visitor.get("/imports")
    assert "已放弃" in visitor.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 0


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"not a workbook", "台账.xlsx", "另存为"),
        (b"", "台账.xlsx", "空"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "台账.xls", "另存为"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    database: Database, visitor: Visitor, round_id: int, content: bytes, name: str, sentence: str
) -> None:
    visitor.sign_in("clerk")
    assert upload(visitor, round_id, content, name) == ""
    assert sentence in visitor.text
    with database.reading() as session:
        assert session.scalar(select(func.count(ImportBatch.id))) == 0
        assert session.scalar(select(func.count(StoredFile.id))) == 0


def test_another_office_sees_nothing_of_an_import(visitor: Visitor, round_id: int) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    assert other.get(page).status_code == 404
    assert other.post(f"{page}/apply", via="/imports").status_code == 404
    assert other.get("/imports").status_code == 200
    assert "台账.xlsx" not in other.text
    lead = Visitor(visitor.app)
    lead.sign_in("lead")
    assert lead.get("/imports").status_code == 403


def test_the_template_is_a_download(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("clerk")
    response = visitor.get("/imports/template")
    assert response.data.startswith(b"PK")
    assert "attachment" in response.headers["Content-Disposition"]
    assert visitor.get("/imports/new").status_code == 302  # no round yet


def test_an_import_without_any_feedback_date_asks_for_it(
    database: Database, people: Cast, clock: ManualClock, visitor: Visitor
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=())
        session.commit()
    visitor.sign_in("clerk")
    assert upload(visitor, work.round_id, mixed_ledger()) == ""
    assert "还没有反馈日期" in visitor.text


def test_a_finished_import_is_taken_back_from_its_page(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    undo = f"{page}/undo"
    visitor.get(undo)
    assert "待确认，没有可以撤销的内容" in visitor.text
    visitor.post(f"{page}/apply", via=page)
    visitor.get(page)
    assert f'href="{undo}"' in visitor.text
    visitor.get(undo)
    assert "将移出" in visitor.text
    assert "任务" in visitor.text
    assert visitor.post(undo, {"reason": " "}, via=undo).status_code == 422
    assert "请填写撤销导入的理由" in visitor.text
    assert visitor.post(undo, {"reason": "导错了轮次"}, via=undo).status_code == 302
    visitor.get(page)
    assert "已撤销导入：" in visitor.text
    assert "任务 6" in visitor.text
    assert "导错了轮次" in visitor.text
    assert "曾新建任务" in visitor.text
    assert "/tasks/" not in visitor.text.replace("/tasks?", "")
    assert f'href="{undo}"' not in visitor.text
    visitor.get("/imports")
    assert "已撤销" in visitor.text
    assert visitor.post(undo, {"reason": "再来"}, via="/imports/new").status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 0
    again = upload(visitor, round_id, mixed_ledger())
    visitor.post(f"{again}/apply", via=again)
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 6


def test_what_was_built_on_an_import_is_listed_where_it_cannot_be_taken_back(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    visitor.post(f"{page}/apply", via=page)
    undo = f"{page}/undo"
    visitor.get(undo)  # opened while nothing stood in the way
    with database.writing() as session:
        task = session.scalars(select(Task).order_by(Task.id)).first()
        assert task is not None
        task.remark, number = "已核对", task.task_no
        session.commit()
    response = visitor.post(undo, {"reason": "导错了轮次"}, via="/imports/new")
    assert response.status_code == 422
    for words in ("不能整批撤销", f"任务 {number}", "已被修改", "共 1 处"):
        assert words in visitor.text
    assert "将移出" not in visitor.text
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 6


def test_nobody_else_takes_an_import_back(visitor: Visitor, round_id: int) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, mixed_ledger())
    visitor.post(f"{page}/apply", via=page)
    for name, status in (("east_clerk", 404), ("lead", 403), ("liaison_a", 403)):
        other = Visitor(visitor.app)
        other.sign_in(name)
        assert other.get(f"{page}/undo").status_code == status
        answer = other.post(f"{page}/undo", {"reason": "导错了"}, via="/")
        assert answer.status_code == status
    visitor.get("/imports")
    assert "已导入" in visitor.text
