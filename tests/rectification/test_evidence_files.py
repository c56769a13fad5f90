"""Evidence looked at and downloaded: page by page, audited, and never other than it was."""

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from jobs import verify_evidence
from jobs.context import JobContext
from tests.factories.cast import Cast
from tests.factories.files import pdf, photo, word
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.rectification.handing_in import enter, revise, rows, upload
from tracker.audit.models import AuditEntry
from tracker.files.storage import FileStorage
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.rectification.views import storing


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        task = work.task(session, people, now=clock.now())
        session.commit()
        return task.id


def handed_out(
    database: Database, *, result: str = "ok"
) -> list[tuple[str, str, int | None, object]]:
    with database.reading() as session:
        query = select(AuditEntry).where(
            AuditEntry.object_type == "evidence", AuditEntry.result == result
        )
        return [
            (
                entry.actor.rpartition("（")[2][:-1],
                entry.action,
                entry.object_id,
                json.loads(entry.detail).get("page"),
            )
            for entry in session.scalars(query.order_by(AuditEntry.id))
        ]


def stored(config: Config, database: Database, number: int = 0) -> Path:
    return FileStorage(config.evidence_dir).path(rows(database)[number].file)


def test_a_page_is_a_picture_and_the_original_only_a_download(
    app: Flask, database: Database, task_id: int
) -> None:
    upload(enter(app, "liaison_a"), task_id, ("办法.pdf", pdf(3)))
    lead = enter(app, "lead")
    lead.get("/evidence/1/preview?page=2")
    assert 'src="/evidence/1/pages/2.png"' in lead.text
    assert "第 2 页，共 3 页" in lead.text
    assert 'href="/evidence/1/preview?page=1"' in lead.text
    assert 'href="/evidence/1/preview?page=3"' in lead.text
    picture = lead.get("/evidence/1/pages/2.png")
    assert picture.mimetype == "image/png"
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.headers["Content-Disposition"].startswith("inline")
    assert "frame-ancestors 'none'" in picture.headers["Content-Security-Policy"]
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, image.height) == ("PNG", 1800)
    original = lead.get("/evidence/1/file")
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert handed_out(database) == [
        ("lead", "evidence_previewed", 1, 2),
        ("lead", "evidence_downloaded", 1, None),
    ]


@pytest.mark.parametrize("page", ["0", "4", "201", "9" * 18])
def test_a_page_that_is_not_there_is_not_found(
    app: Flask, database: Database, task_id: int, page: str
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf(3)))
    assert liaison.get(f"/evidence/1/pages/{page}.png").status_code == 404
    wanted = 200 if page == "0" else 404
    assert liaison.get(f"/evidence/1/preview?page={page}").status_code == wanted


def test_of_a_very_long_file_the_first_pages_are_shown(
    app: Flask, database: Database, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("厚.pdf", pdf(300)))
    liaison.get("/evidence/1/preview?page=200")
    assert "第 200 页，共 300 页（只预览前 200 页）" in liaison.text
    assert "page=201" not in liaison.text
    assert liaison.get("/evidence/1/preview?page=201").status_code == 404
    assert liaison.get("/evidence/1/pages/201.png").status_code == 404


def test_what_cannot_be_shown_says_why_and_offers_the_original(
    app: Flask, database: Database, task_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "office_program", lambda: None)
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("方案.docx", word("一")), ("断.jpg", photo((900, 900))[:2000]))
    for number, sentence in ((1, "本机未安装转换程序，请下载原件查看"), (2, "可能已损坏")):
        assert liaison.get(f"/evidence/{number}/preview").status_code == 200
        assert sentence in liaison.text
        assert f'href="/evidence/{number}/file"' in liaison.text
        assert liaison.get(f"/evidence/{number}/pages/1.png").status_code == 422
    assert handed_out(database) == []


def test_bytes_that_were_changed_are_given_to_nobody(
    app: Flask, database: Database, config: Config, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()))
    path = stored(config, database)
    path.write_bytes(path.read_bytes().replace(b"50 700", b"51 700"))
    assert liaison.get("/evidence/1/file").status_code == 422
    assert "与登记的校验值（SHA-256）不符" in liaison.text
    assert liaison.get("/evidence/1/preview").status_code == 422
    assert handed_out(database) == []
    refused = ("liaison_a", "step_refused", 1, None)
    assert handed_out(database, result="refused") == [refused, refused]


@pytest.fixture
def context(app: Flask, config: Config, database: Database, clock: ManualClock) -> JobContext:
    return JobContext(database, clock, config, Sealer(config.secret_keys), "one")


def test_what_the_job_finds_is_seen_by_those_who_can_mend_it(
    app: Flask, database: Database, config: Config, context: JobContext, task_id: int
) -> None:
    liaison, clerk, admin = enter(app, "liaison_a"), enter(app, "clerk"), enter(app, "admin")
    upload(liaison, task_id, ("绝密清单.pdf", pdf()), ("好.pdf", pdf(2)))
    stored(config, database).unlink()
    assert verify_evidence.run(context, context.clock.now()) == 2
    for office in (clerk, liaison):
        office.get("/")
        assert "材料校验不符" in office.text
        office.get("/tasks?only=damaged")
        assert "7-3-001-01" in office.text
        office.get(f"/tasks/{task_id}")
        assert office.text.count("校验不符：文件不在服务器上") == 1
    admin.get("/file-checks")
    assert rows(database)[0].file.storage_name in admin.text
    assert "文件不在服务器上" in admin.text
    assert "绝密清单" not in admin.text
    stranger = enter(app, "east_clerk")
    stranger.get("/")
    assert "材料校验不符" not in stranger.text
    stranger.get("/tasks?only=damaged")
    assert "7-3-001-01" not in stranger.text


def test_a_revision_mends_a_damaged_piece(
    app: Flask, database: Database, config: Config, context: JobContext, task_id: int
) -> None:
    liaison = enter(app, "liaison_a")
    upload(liaison, task_id, ("办法.pdf", pdf()))
    stored(config, database).unlink()
    verify_evidence.run(context, context.clock.now())
    assert revise(liaison, database, 1, "办法.pdf", pdf(2)) == 302
    liaison.get(f"/tasks/{task_id}")
    assert "校验不符" not in liaison.text


@pytest.mark.parametrize("who", ["clerk", "lead", "security", "auditor", "liaison_a"])
def test_the_page_of_checks_is_the_administrators(app: Flask, people: Cast, who: str) -> None:
    assert enter(app, who).get("/file-checks").status_code == 403
