"""What an address asks of the list of tasks."""

import re

import pytest

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.queries import TaskFilter
from tracker.rectification.rules.words import Court, TaskState
from tracker.rectification.task_filter import asked_tasks, filter_words

ALL = TaskFilter()


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, TaskFilter(only="open")),
        ({"only": ""}, ALL),
        ({"only": "overdue", "unit": "7", "round": "3"}, TaskFilter(only="overdue", unit_id=7, round_id=3)),
        ({"state": "closed"}, TaskFilter(state=TaskState.CLOSED)),
        ({"court": "head", "only": "open"}, TaskFilter(court=Court.HEAD, only="open")),
        ({"state": "nonsense", "only": ""}, ALL),
        ({"unit": "x", "round": "9" * 19, "only": ""}, ALL),
        ({"q": " a\x00b ", "only": ""}, TaskFilter(text="ab")),
        ({"q": "长" * 200, "only": ""}, TaskFilter(text="长" * 100)),
    ],
)  # fmt: skip
def test_an_address_is_read_as_a_filter(values: dict[str, str], wanted: TaskFilter) -> None:
    assert asked_tasks(values) == wanted


def test_a_filter_is_told_in_the_words_of_the_page() -> None:
    wanted = TaskFilter(only="due-soon", state=TaskState.PLANNING, court=Court.HEAD, text="学习")
    assert list(filter_words(wanted)) == ["7 天内到期", "待报整改方案", "单位主要负责人", "“学习”"]
    assert list(filter_words(ALL)) == []


def test_links_of_the_list_keep_a_range_without_limits(
    database: Database, people: Cast, clock: ManualClock, visitor: Visitor
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for _ in range(51):
            work.task(session, people, now=clock.now())
        session.commit()
    visitor.sign_in("lead")
    visitor.get("/tasks?only=")
    assert re.search(r'href="/tasks\?only=&amp;after=[^"]+"', visitor.text)
    visitor.get("/tasks")
    assert re.search(r'href="/tasks\?after=[^"]+"', visitor.text)
