"""What was typed before the session ended is not lost."""

import zlib
from base64 import urlsafe_b64decode
from contextlib import suppress
from datetime import timedelta

from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import PASSWORD, TOKEN, Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import ProgressReport, Task

LONG_TEXT = "本月召开专题会 2 次，“三重一大”清单修订完成。\n" * 40


def make_task(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        task = make_work(session, people, now=clock.now()).task(session, people, now=clock.now())
        session.commit()
        return task.id


def hidden(text: str, name: str) -> str:
    return text.split(f'name="{name}" value="')[1].split('"')[0]


def expire_and_send(visitor: Visitor, clock: ManualClock, path: str, version: int) -> int:
    clock.advance(timedelta(hours=2))
    return visitor.post_raw(
        path,
        {"text": LONG_TEXT, "completion": "partly", "version": str(version)},
        headers={"Origin": "http://localhost"},
    ).status_code


def test_a_form_sent_after_the_session_ended_comes_back_and_is_sent_with_one_click(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    task_id = make_task(database, people, clock)
    visitor, path = Visitor(app), f"/tasks/{task_id}/progress"
    visitor.sign_in("liaison_a")
    with database.reading() as session:
        version = session.get_one(Task, task_id).version
    assert expire_and_send(visitor, clock, path, version) == 401
    assert "您刚才填写的内容没有丢失" in visitor.text
    kept, token = hidden(visitor.text, "kept"), TOKEN.search(visitor.text)
    assert token is not None
    visitor.post_raw(
        "/sign-in",
        {"username": "liaison_a", "password": "wrong", "kept": kept, "csrf_token": token[1]},
    )
    kept, token = (
        hidden(visitor.text, "kept"),
        TOKEN.search(visitor.text),
    )  # a wrong password loses nothing either
    assert token is not None
    visitor.post_raw(
        "/sign-in",
        {"username": "liaison_a", "password": PASSWORD, "kept": kept, "csrf_token": token[1]},
    )
    assert "还没有提交" in visitor.text
    assert LONG_TEXT.splitlines()[0] in visitor.text
    for label in ("整改进展", "完成情况", "取得阶段性成效"):  # as the form itself says it
        assert label in visitor.text
    assert f'<input type="hidden" name="version" value="{version}">' in visitor.text
    token = TOKEN.search(visitor.text)
    assert token is not None
    sent = visitor.post_raw(
        path,
        {
            "text": LONG_TEXT,
            "completion": "partly",
            "version": str(version),
            "csrf_token": token[1],
        },
    )
    assert sent.status_code == 302
    with database.reading() as session:
        assert session.query(ProgressReport).one().text == LONG_TEXT.strip()


def test_somebody_else_who_signs_in_does_not_get_to_see_it(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    task_id = make_task(database, people, clock)
    visitor = Visitor(app)
    visitor.sign_in("liaison_a")
    expire_and_send(visitor, clock, f"/tasks/{task_id}/progress", 1)
    kept, token = hidden(visitor.text, "kept"), TOKEN.search(visitor.text)
    assert token is not None
    answer = visitor.post_raw(
        "/sign-in",
        {"username": "liaison_b", "password": PASSWORD, "kept": kept, "csrf_token": token[1]},
    )
    assert answer.status_code == 302
    assert "三重一大" not in answer.get_data(as_text=True)


def test_whoever_reads_the_sign_in_page_does_not_read_what_was_typed(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    task_id = make_task(database, people, clock)
    visitor = Visitor(app)
    visitor.sign_in("liaison_a")
    expire_and_send(visitor, clock, f"/tasks/{task_id}/progress", 1)
    for part in hidden(visitor.text, "kept").split("."):
        plain = urlsafe_b64decode(part + "==")
        with suppress(zlib.error):
            plain = zlib.decompress(plain)
        assert b"progress" not in plain  # the address, in plain ASCII


def test_a_form_from_another_site_is_not_kept(visitor: Visitor, people: Cast) -> None:
    answer = visitor.post_raw(
        "/tasks/1/progress", {"text": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 401
    assert 'name="kept"' not in visitor.text


def test_a_tampered_form_is_dropped(visitor: Visitor, people: Cast) -> None:
    answer = visitor.post("/sign-in", {"username": "clerk", "password": PASSWORD, "kept": "forged"})
    assert answer.status_code == 302
