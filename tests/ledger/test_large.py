"""Large ledgers in and out: the person gets a progress page, the job does what the request would have."""

import io
import threading
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from jobs import run_background
from jobs.context import JobContext
from jobs.pulse import Pulse
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.jobs.background import (
    context_of,
    done_by,
    later,
    results_in,
    set_sizes,
    work_of,
)
from tests.ledger.importing import FED_BACK, mixed_ledger
from tests.ledger.test_imports import upload
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.feedback.models import Issue
from tracker.job_runs.rules import WorkState
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.models import ImportBatch
from tracker.ledger.reading_apart import Question, read_apart
from tracker.ledger.rules import BatchState
from tracker.people.models import User
from tracker.rectification.models import Task


@pytest.fixture
def context(database: Database, clock: ManualClock, config: Config) -> JobContext:
    return context_of(database, clock, config)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round with a task of unit a; everything counts as large."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        made.task(session, people, now=clock.now())
        session.commit()
    set_sizes(database, clock, upload_kb=1, import_tasks=1, export_tasks=1)
    return made


def large_ledger() -> bytes:
    content = mixed_ledger()
    assert len(content) > 1024
    return content


def id_of(page: str) -> int:
    assert page.startswith("/works/"), page
    return int(page.rsplit("/", 1)[1])


def counts(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        issues = session.scalar(select(func.count(Issue.id))) or 0
        return issues, session.scalar(select(func.count(Task.id))) or 0


def test_a_large_ledger_is_read_and_imported_in_the_background(
    context: JobContext, database: Database, visitor: Visitor, work: Work
) -> None:
    visitor.sign_in("clerk")
    page = upload(visitor, work.round_id, large_ledger())
    visitor.get(page)
    assert "排队中" in visitor.text
    assert "即将开始" in visitor.text
    assert 'hx-trigger="every 2s"' in visitor.text
    assert done_by(context) == 1
    read = work_of(database, id_of(page))
    assert (read.state, read.error) == (WorkState.DONE, None)
    assert visitor.get(page, headers={"HX-Request": "true"}).headers["HX-Redirect"] == read.leads_to
    visitor.get(page)
    assert "hx-trigger" not in visitor.text
    assert "停止办理" not in visitor.text
    assert f'href="{read.leads_to}"' in visitor.text
    assert read.leads_to is not None
    before = counts(database)
    preview = read.leads_to
    landing = visitor.post(f"{preview}/apply", via=preview).headers["Location"]
    assert counts(database) == before
    assert done_by(context) == 1
    assert work_of(database, id_of(landing)).error is None
    assert counts(database)[1] == before[1] + 6
    visitor.get(preview)
    assert "已新建任务" in visitor.text


def test_a_small_ledger_is_read_at_once(
    database: Database, visitor: Visitor, work: Work, clock: ManualClock
) -> None:
    set_sizes(database, clock, upload_kb=1024, import_tasks=7)
    visitor.sign_in("clerk")
    page = upload(visitor, work.round_id, large_ledger())
    assert page.startswith("/imports/")
    assert visitor.post(f"{page}/apply", via=page).headers["Location"] == page


def test_what_cannot_be_read_ends_with_its_sentence_and_the_way_back(
    context: JobContext, database: Database, visitor: Visitor, work: Work
) -> None:
    broken = large_ledger()[:-600]
    visitor.sign_in("clerk")
    page = upload(visitor, work.round_id, broken + b"x" * 600)
    if page == "":  # refused at the door already
        assert "另存" in visitor.text or "不符" in visitor.text
        return
    assert done_by(context) == 1
    visitor.get(page)
    assert "未完成" in visitor.text
    assert 'href="/imports/new"' in visitor.text


def previewed(context: JobContext, database: Database, visitor: Visitor, work: Work) -> str:
    """Upload and read; return the page of the preview."""
    visitor.sign_in("clerk")
    page = upload(visitor, work.round_id, large_ledger())
    done_by(context)
    return work_of(database, id_of(page)).leads_to or ""


def test_an_import_cancelled_in_the_middle_makes_nothing_at_all(
    context: JobContext,
    database: Database,
    visitor: Visitor,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    preview = previewed(context, database, visitor, work)
    before = counts(database)
    landing = visitor.post(f"{preview}/apply", via=preview).headers["Location"]
    told: list[tuple[str, int, int]] = []

    class Stops(Pulse):
        """Hears of the cancelling after three issues have been written."""

        def tell(self, step: str, done: int, total: int) -> None:
            told.append((step, done, total))
            if step == "登记任务":
                self._lost.set()
            super().tell(step, done, total)

    monkeypatch.setattr(run_background, "Pulse", Stops)
    stopping = threading.Event()
    held = run_background._next(replace(context, stopping=stopping))
    assert held is not None
    assert run_background._did(context, held) is False
    assert counts(database) == before
    with database.reading() as session:
        assert session.scalars(select(ImportBatch.state)).one() is BatchState.PREVIEW
    assert [step for step, _done, _total in told][-1] == "登记任务"
    parts = [done / total for step, done, total in told if step.startswith("登记")]
    assert parts == sorted(parts)
    monkeypatch.setattr(run_background, "Pulse", Pulse)  # it was put back: the next one does it
    assert done_by(context, "two") == 1
    assert work_of(database, id_of(landing)).state is WorkState.DONE
    assert counts(database)[1] == before[1] + 6


def test_what_was_changed_after_the_confirmation_is_not_imported(
    context: JobContext, database: Database, visitor: Visitor, work: Work
) -> None:
    preview = previewed(context, database, visitor, work)
    before = counts(database)
    landing = visitor.post(f"{preview}/apply", via=preview).headers["Location"]
    visitor.post(f"{preview}/cancel", via="/imports/new")
    assert done_by(context) == 1
    assert "没有导入任何内容" in (work_of(database, id_of(landing)).error or "")
    assert counts(database) == before
    visitor.get(landing)
    assert f'href="{preview}"' in visitor.text


@pytest.mark.parametrize(
    ("address", "action"),
    [
        ("/ledger/export?round={}", "ledger_exported"),
        ("/ledger/export?round={}&layout=lists", "lists_exported"),
        ("/ledger/export?layout=lists&only=open", "lists_exported"),
    ],
)
def test_a_large_export_is_made_and_fetched(
    context: JobContext,
    database: Database,
    visitor: Visitor,
    work: Work,
    address: str,
    action: str,
) -> None:
    visitor.sign_in("clerk")
    page = visitor.get(address.format(work.round_id)).headers["Location"]
    assert visitor.get(address.format(work.round_id)).headers["Location"] == page
    assert visitor.get(f"{page}/file").status_code != 200
    assert done_by(context) == 1
    made = work_of(database, id_of(page))
    assert made.error is None
    visitor.get(page)
    assert "保留至 2026-11-23 09:00" in visitor.text
    answer = visitor.get(f"{page}/file")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = load_workbook(io.BytesIO(answer.data)).worksheets[0].max_row
    assert rows >= 3
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [each for each in actions if each in (action, "work_downloaded")] == [
        action,
        "work_downloaded",
    ]
    visitor.get("/works")
    assert f'href="{page}/file"' in visitor.text


def test_a_large_dossier_is_packed_and_holds_what_the_small_one_does(
    context: JobContext,
    database: Database,
    visitor: Visitor,
    people: Cast,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"/ledger/dossier/file?round={work.round_id}&unit={people.units['a']}"
    visitor.sign_in("clerk")
    small = ZipFile(io.BytesIO(visitor.get(address).data)).namelist()
    monkeypatch.setattr("tracker.ledger.dossier.Dossier.stored_bytes", 10**10)
    page = visitor.get(address).headers["Location"]
    assert done_by(context) == 1
    assert work_of(database, id_of(page)).error is None
    assert ZipFile(io.BytesIO(visitor.get(f"{page}/file").data)).namelist() == small


def test_nobody_else_sees_or_fetches_it(
    context: JobContext, database: Database, visitor: Visitor, work: Work, people: Cast
) -> None:
    visitor.sign_in("clerk")
    page = visitor.get(f"/ledger/export?round={work.round_id}").headers["Location"]
    done_by(context)
    for other in ("acting_lead", "lead", "east_clerk", "admin"):
        stranger = Visitor(visitor.app)
        stranger.sign_in(other)
        assert stranger.get(page).status_code == 404
        assert stranger.get(f"{page}/file").status_code == 404
        assert stranger.post(f"{page}/cancel", via="/works").status_code == 404
        stranger.get("/works")
        assert page not in stranger.text


def test_a_result_of_before_a_change_of_role_is_not_handed_out(
    context: JobContext, database: Database, visitor: Visitor, work: Work, people: Cast
) -> None:
    visitor.sign_in("clerk")
    page = visitor.get(f"/ledger/export?round={work.round_id}").headers["Location"]
    done_by(context)
    with database.writing() as session:
        user = session.get_one(User, people.users["clerk"])
        user.region_id = people.regions["east"]
        session.commit()
    assert visitor.get(page).status_code == 404
    assert visitor.get(f"{page}/file").status_code == 404


def test_after_its_days_the_file_is_gone_for_the_person_at_once(
    context: JobContext,
    database: Database,
    visitor: Visitor,
    work: Work,
    clock: ManualClock,
    config: Config,
) -> None:
    visitor.sign_in("clerk")
    page = visitor.get(f"/ledger/export?round={work.round_id}").headers["Location"]
    done_by(context)
    later(clock, days=7)
    visitor.sign_in("clerk")
    assert len(results_in(config)) == 1  # the day's job has not been round yet
    assert visitor.get(f"{page}/file").status_code != 200
    visitor.get("/works")
    assert "已清理" in visitor.text


def test_the_first_page_tells_of_work_and_a_long_wait_is_explained(
    context: JobContext, visitor: Visitor, work: Work, clock: ManualClock
) -> None:
    visitor.sign_in("clerk")
    assert "后台办理：" not in visitor.get("/").get_data(as_text=True)
    page = visitor.get(f"/ledger/export?round={work.round_id}").headers["Location"]
    visitor.get("/")
    assert "1 件进行中。" in visitor.text
    later(clock, minutes=4)
    visitor.get(page)
    assert "后台任务进程可能没有运行" in visitor.text
    done_by(context)
    visitor.get("/")
    assert "1 件在最近一天办结" in visitor.text
    later(clock, days=1, minutes=1)
    visitor.sign_in("clerk")
    assert "后台办理：" not in visitor.get("/").get_data(as_text=True)


def test_a_person_cancels_what_waits(
    context: JobContext, database: Database, visitor: Visitor, work: Work
) -> None:
    visitor.sign_in("clerk")
    page = visitor.get(f"/ledger/export?round={work.round_id}").headers["Location"]
    visitor.post(f"{page}/cancel", via=page)
    assert done_by(context) == 0
    visitor.get(page)
    assert "已取消" in visitor.text
    visitor.post(f"{page}/cancel", via="/works")
    visitor.get(page)
    assert "已经结束" in visitor.text


def test_the_administrator_sets_the_sizes(
    database: Database, visitor: Visitor, people: Cast
) -> None:
    visitor.sign_in("admin")
    fields = {
        "background_upload_kb": "500",
        "background_import_tasks": "50",
        "background_export_tasks": "60",
        "background_dossier_mb": "70",
        "background_keep_days": "91",
    }
    assert visitor.post("/works/sizes", fields).status_code == 422
    assert visitor.post("/works/sizes", {**fields, "background_keep_days": "3"}).status_code == 302
    visitor.get("/works/sizes")
    assert 'value="500"' in visitor.text


def test_the_child_that_reads_ends_when_the_work_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that nobody waits for any more does not go on for minutes."""
    monkeypatch.setattr("tracker.kernel.apart.LOOK_SECONDS", 0.01)  # it is asked before it is done
    path = tmp_path / "ledger"
    path.write_bytes(large_ledger())
    with pytest.raises(DomainError):
        read_apart(Question(path=path, name="台账.xlsx"), is_stopped=lambda: True)
