"""Evidence that travels beside a 填报表: a zip as Windows and WPS make it, matched, checked, handed in."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.ledger.filling_in import bring_back, download, typed
from tests.rectification.month_page import make_month, progress
from tests.rectification.office import PDF, enter
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.ledger import fill_in_zip
from tracker.ledger.fill_in_zip import unpack
from tracker.rectification.models import Evidence, Task
from tracker.spreadsheets.errors import RefusedFileError


class GbkInfo(zipfile.ZipInfo):
    """A name in GBK without the flag of UTF-8, as Windows writes it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 -- the library's own name
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def zipped(files: Mapping[str, bytes], kind: type[zipfile.ZipInfo] = GbkInfo) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(kind(name), content)
    return made.getvalue()


def pdf(words: str) -> bytes:
    return PDF + f"% {words}\n".encode()


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    return make_month(database, people, clock)


@pytest.fixture
def liaison(app: Flask, work: Work) -> Visitor:
    return enter(app, "liaison_a")


def numbers(database: Database) -> dict[int, str]:
    with database.reading() as session:
        return {task.id: task.issue.issue_no for task in session.scalars(select(Task))}


def pieces(database: Database) -> set[tuple[int, str]]:
    with database.reading() as session:
        found = session.scalars(select(Evidence).where(Evidence.withdrawn_at.is_(None)))
        return {(piece.task_id, piece.title) for piece in found}


def confirm_files(visitor: Visitor, page: str, **more: str) -> int:
    """Confirm with what the preview has chosen for each file."""
    text = visitor.get(page).get_data(as_text=True)
    fields = {"is_confirmed_not_secret": "y", "document_on": "2026-11-10"}
    for name, options in re.findall(
        r'<select[^>]*name="(file-\d+)"[^>]*>(.*?)</select>', text, re.S
    ):
        chosen = re.search(r'value="(\d+)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    fields |= {re.sub(r"^(file|day)_", r"\1-", name): value for name, value in more.items()}
    return visitor.post(page, {k: v for k, v in fields.items() if v != "-"}).status_code


@pytest.mark.parametrize("kind", [GbkInfo, zipfile.ZipInfo])
def test_files_go_to_the_tasks_their_names_begin_with(
    liaison: Visitor, database: Database, kind: type[zipfile.ZipInfo]
) -> None:
    by_id = numbers(database)
    content = zipped(
        {
            "填报表.xlsx": typed(download(liaison), {"本月进展": "甲"}),
            f"{by_id[1]}/会议纪要.pdf": pdf("甲"),
            f"材料/{by_id[2]} 制度文本.pdf": pdf("乙"),
            f"{by_id[2]}9/别的.pdf": pdf("丙"),
            f"{by_id[1]}/程序.exe": b"MZ",
            "__MACOSX/._填报表.xlsx": b"x",
        },
        kind,
    )
    page = bring_back(liaison, content, "交回.zip")
    liaison.get(page)
    assert f"{by_id[1]}/会议纪要.pdf" in liaison.text
    assert "不能上传这种文件" in liaison.text
    assert "随表带来的材料 4 份" in liaison.text
    assert confirm_files(liaison, page) == 302
    assert pieces(database) == {(1, "会议纪要"), (2, f"{by_id[2]} 制度文本")}
    assert progress(database)[1].text == "甲"
    again = bring_back(liaison, content, "交回.zip")
    assert confirm_files(liaison, again) == 422
    assert "没有需要写入的内容" in liaison.text
    assert len(pieces(database)) == 2


def test_a_file_without_a_number_is_given_to_a_task_in_the_preview(
    liaison: Visitor, database: Database
) -> None:
    content = zipped({"填报/填报表.xlsx": download(liaison), "填报/照片说明.pdf": pdf("丁")})
    page = bring_back(liaison, content, "交回.zip")
    assert confirm_files(liaison, page) == 422, "nothing chosen, nothing filled in"
    assert confirm_files(liaison, page, file_1="2", document_on="-") == 422
    assert "请填写材料日期" in liaison.text
    assert confirm_files(liaison, page, file_1="2", is_confirmed_not_secret="-") == 422
    assert "请先确认材料不涉密" in liaison.text
    assert confirm_files(liaison, page, file_1="2", document_on="-", day_1="2026-11-09") == 302
    assert pieces(database) == {(2, "照片说明")}


def test_without_the_word_that_nothing_is_secret_nothing_is_written(
    liaison: Visitor, database: Database
) -> None:
    number = numbers(database)[1]
    filled = typed(download(liaison), {"本月进展": "甲"})
    content = zipped({"填报表.xlsx": filled, f"{number} 纪要.pdf": pdf("戊")})
    page = bring_back(liaison, content, "交回.zip")
    liaison.get(page)
    assert liaison.post(page, {"file-1": "1", "document_on": "2026-11-10"}).status_code == 422
    assert "请先确认材料不涉密" in liaison.text
    assert pieces(database) == set()
    assert progress(database) == {}


def test_a_file_cannot_be_given_to_another_units_task(
    liaison: Visitor, database: Database, people: Cast
) -> None:
    with database.reading() as session:
        query = select(Task.id).where(Task.lead_unit_id == people.units["b"])
        foreign = session.scalars(query.limit(1)).one()
    content = zipped({"填报表.xlsx": download(liaison), "纪要.pdf": pdf("己")})
    page = bring_back(liaison, content, "交回.zip")
    assert confirm_files(liaison, page, file_1=str(foreign)) == 422
    assert "选择的任务现在不能上传材料" in liaison.text
    assert pieces(database) == set()


def test_a_zip_without_a_workbook_or_with_two_is_refused(liaison: Visitor) -> None:
    book = download(liaison)
    assert bring_back(liaison, zipped({"纪要.pdf": PDF}), "交回.zip") == ""
    assert "压缩包里没有填报表" in liaison.text
    assert bring_back(liaison, zipped({"甲.xlsx": book, "乙.xlsx": book}), "交回.zip") == ""
    assert "有几份填报表" in liaison.text
    assert bring_back(liaison, b"PK\x03\x04nonsense", "交回.zip") == ""
    assert "压缩包已损坏" in liaison.text


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["../outside.pdf"], "path"),
        (["a/../../outside.pdf"], "path"),
        (["/etc/outside.pdf"], "path"),
        (["C:\\outside.pdf"], "path"),
        (["长" * 301], "path"),
        ([f"{number}.pdf" for number in range(4)], "too_many"),
    ],
)
def test_paths_out_of_the_folder_and_too_many_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], code: str
) -> None:
    monkeypatch.setattr(fill_in_zip, "MAX_ENTRIES", 3)
    source, folder = tmp_path / "in.zip", tmp_path / "out"
    folder.mkdir()
    source.write_bytes(zipped(dict.fromkeys(names, b"x")))
    with pytest.raises(RefusedFileError) as refused:
        unpack(source, folder)
    assert refused.value.code == code
    assert not (tmp_path / "outside.pdf").exists()


def test_what_unpacks_to_too_much_is_stopped_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_in_zip, "MAX_BYTES", 3_000_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("甲.pdf", bytes(2_000_000))
        archive.writestr("乙.pdf", bytes(2_000_000))
    source = tmp_path / "in.zip"
    source.write_bytes(made.getvalue())
    with pytest.raises(RefusedFileError) as refused:
        unpack(source, tmp_path)
    assert refused.value.code == "too_big"
