"""Against the running server: two who save at once, twenty who send the same, a kill -9 in between."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, text

from tests.running.server import Person, Server, wait_until
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.files.sweeping import sweep_orphans
from tracker.kernel.db import Database
from tracker.organizations.models import Unit
from tracker.rectification.models import Evidence, ProgressReport, Task
from tracker.web.models import FormSubmission

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def count(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def at_once(*sends: Callable[[], requests.Response]) -> list[requests.Response]:
    """Send all in the same instant, each from a thread of its own."""
    barrier = Barrier(len(sends))

    def wait_and_send(send: Callable[[], requests.Response]) -> requests.Response:
        barrier.wait(60)
        return send()

    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(wait_and_send, sends))


def waiting_for_a_lock(database: Database) -> int:
    """Return how many connections of this database wait for somebody's lock (PostgreSQL)."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.reading() as session:
        return session.scalar(query) or 0


def report(person: Person, task_id: int, words: str) -> Callable[[], requests.Response]:
    path = f"/tasks/{task_id}/progress"
    fields = {**person.form(path), "text": words, "completion": "partly"}
    return lambda: person.send(path, fields)


def texts(database: Database, task_id: int) -> list[str]:
    with database.reading() as session:
        query = select(ProgressReport.text).where(ProgressReport.task_id == task_id)
        return list(session.scalars(query))


def check_one_won(database: Database, task_id: int, answers: list[requests.Response]) -> None:
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    (stored,) = texts(database, task_id)
    lost = next(answer.text for answer in answers if answer.status_code == 409)
    mine = ({"联络员写的", "经办人写的"} - {stored}).pop()
    assert f"{mine}</textarea>" in lost, "what was typed stays in the form"
    pair = re.search(r"<h3>整改进展</h3>.*?prose\">(.*?)</p>.*?prose\">(.*?)</p>", lost, re.DOTALL)
    assert pair is not None
    assert pair.groups() == (mine, stored)


def test_of_two_who_save_the_same_record_at_once_one_wins_and_the_other_sees_both_texts(
    server: Server, database: Database
) -> None:
    liaison, clerk = Person(server, "liaison_a"), Person(server, "clerk")
    for task_id in (1, 2):
        both = report(liaison, task_id, "联络员写的"), report(clerk, task_id, "经办人写的")
        check_one_won(database, task_id, at_once(*both))


def test_two_whose_transactions_overlap_are_told_apart_as_well(
    server: Server, database: Database
) -> None:
    """Both have read the row before either writes it; SQLite lets only one of them begin."""
    if database.is_sqlite:
        pytest.skip("writers on SQLite take the lock before they read")
    liaison, clerk = Person(server, "liaison_a"), Person(server, "clerk")
    both = report(liaison, 3, "联络员写的"), report(clerk, 3, "经办人写的")
    with ThreadPoolExecutor(2) as pool, database.writing() as holder:
        holder.execute(select(Task).where(Task.id == 3).with_for_update())
        sent = [pool.submit(each) for each in both]
        wait_until(lambda: waiting_for_a_lock(database) == 2, "both wait for the row")
        holder.rollback()
        answers = [each.result() for each in sent]
    check_one_won(database, 3, answers)


def test_twenty_parallel_identical_submits_make_one_record_and_get_one_reply(
    server: Server, database: Database
) -> None:
    liaison = Person(server, "liaison_a")
    answers = at_once(*[report(liaison, 1, "只说一遍")] * 20)
    assert Counter(answer.status_code for answer in answers) == {302: 20}
    assert {answer.headers["Location"] for answer in answers} == {"/tasks/1"}
    assert texts(database, 1) == ["只说一遍"]
    assert count(database, FormSubmission) == 1


def test_twenty_parallel_identical_new_units_are_one_unit(
    server: Server, database: Database
) -> None:
    """A form that makes a row has no version to stop the second one."""
    before, clerk = count(database, Unit), Person(server, "clerk")
    fields = {**clerk.form("/units/new"), "code": "C20", "name": "市庚局", "short_name": "庚局"}
    fields |= {"category": "department", "sort_no": "9"}
    answers = at_once(*[lambda: clerk.send("/units/new", fields)] * 20)
    assert Counter(answer.status_code for answer in answers) == {302: 20}
    assert {answer.headers["Location"] for answer in answers} == {"/units"}
    assert count(database, Unit) == before + 1


@contextmanager
def rows_held_back(database: Database) -> Iterator[None]:
    """Nobody else can write a row of a stored file until the block ends."""
    with database.writing() as holder:
        lock = "SELECT 1" if database.is_sqlite else "LOCK TABLE stored_files IN EXCLUSIVE MODE"
        holder.execute(text(lock))  # on SQLite the transaction itself is the lock
        yield
        holder.rollback()


def test_a_kill_between_file_and_row_leaves_a_file_that_is_swept_and_never_a_row(
    server: Server, database: Database, tmp_path: Path
) -> None:
    liaison, path = Person(server, "liaison_a"), "/tasks/1/evidence"
    fields: dict[str, Any] = {**liaison.form(path), "document_on": "2026-01-10"}
    fields["is_confirmed_not_secret"] = "y"
    with ThreadPoolExecutor(1) as pool, rows_held_back(database):
        file = {"file": ("办法.pdf", PDF, "application/pdf")}
        sent = pool.submit(liaison.send, path, fields, files=file)
        wait_until(
            lambda: any(each.suffix == ".pdf" for each in server.evidence), "the file is there"
        )
        server.kill()
        assert sent.exception(60) is not None, "nobody was told that it was saved"
    assert (count(database, StoredFile), count(database, Evidence)) == (0, 0)
    storage, now = FileStorage(tmp_path / "data" / "evidence"), datetime.now(UTC)
    again = Server(database, tmp_path)
    try:
        liaison = Person(again, "liaison_a")
        fields |= liaison.form(path)
        assert liaison.send(path, fields, files=file).status_code == 302
        assert len(again.evidence) == 2
        with database.reading() as session:
            assert sweep_orphans(session, storage, now=now + timedelta(hours=23)) == 0
            assert sweep_orphans(session, storage, now=now + timedelta(hours=25)) == 1
            (kept,) = session.scalars(select(StoredFile))
            assert again.evidence == [storage.path(kept)]
            assert storage.path(kept).read_bytes() == PDF
    finally:
        again.stop()


def test_a_kill_before_the_commit_leaves_the_form_free_to_be_sent_again(
    server: Server, database: Database, tmp_path: Path
) -> None:
    """The claim of a form dies with the change it belongs to."""
    if database.is_sqlite:
        pytest.skip("on SQLite the claim itself waits for the lock")
    liaison = Person(server, "liaison_a")
    path = "/tasks/1/progress"
    fields = {**liaison.form(path), "text": "重启后再交", "completion": "partly"}
    with ThreadPoolExecutor(1) as pool, database.writing() as holder:
        holder.execute(select(Task).where(Task.id == 1).with_for_update())
        sent = pool.submit(liaison.send, path, fields)
        wait_until(lambda: waiting_for_a_lock(database) == 1, "the change waits")
        server.kill()
        assert sent.exception(60) is not None
        holder.rollback()
    again = Server(database, tmp_path)
    try:
        liaison = Person(again, "liaison_a")
        fields["csrf_token"] = liaison.form(path)["csrf_token"]
        assert liaison.send(path, fields).status_code == 302
        assert texts(database, 1) == ["重启后再交"]
    finally:
        again.stop()
