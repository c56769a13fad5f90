"""What the trail keeps of a value: states and days in clear, texts as length and digest."""

import enum
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import String, Text

from tracker.audit import masking
from tracker.audit.masking import CLEAR_COLUMNS, CLEAR_NAMES, SECRET, shown
from tracker.models import metadata

ISSUE = "某局长在工程招标中为亲属谋利，涉及金额巨大。"


class State(enum.StrEnum):
    OPEN = "open"


@pytest.mark.parametrize(
    ("table", "column", "value", "kept"),
    [
        ("tasks", "state", State.OPEN, "open"),
        ("tasks", "due_on", date(2026, 12, 1), "2026-12-01"),
        ("tasks", "reopen_count", 2, 2),
        ("tasks", "is_historic", True, True),
        ("tasks", "task_no", "7-3-012-01", "7-3-012-01"),
        ("progress_reports", "recovered_wan", Decimal("12.5"), "12.5"),
        ("units", "name", "市甲局", "市甲局"),
        ("persons", "name", "张三丰", "张**"),
        ("persons", "mobile", "13812340000", "138****0000"),
        ("persons", "mobile", "0510", "****"),
        ("users", "password_hash", "$argon2id$v=19$…", "（已隐藏）"),
        ("channels", "sealed_url", "gAAAA…", "（已隐藏）"),
        ("channels", "key_mark", "abcdef", "（已隐藏）"),
        ("clue_details", "text", "线索内容", "（不记内容）"),
        ("clues", "title", "某人", "（不记内容）"),
        ("tasks", "goal", None, None),
    ],
)
def test_each_kind_of_value(table: str, column: str, value: object, kept: object) -> None:
    assert shown(table, column, value) == kept


def test_a_text_is_proved_not_told() -> None:
    kept = shown("issues", "text", ISSUE)
    assert kept.startswith(f"（{len(ISSUE)} 字，摘要 ")
    assert kept == masking.mark(ISSUE)
    assert kept != masking.mark(ISSUE + "。")
    assert not any(ISSUE[place : place + 3] in kept for place in range(len(ISSUE) - 3))


def test_a_column_nobody_thought_of_is_a_text() -> None:
    assert ISSUE not in shown("tables_to_come", "whatever", ISSUE)


def test_no_column_of_free_text_stands_in_clear() -> None:
    """Whatever is named as clear is short, and no secret."""
    for table in metadata.tables.values():
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if column.name in CLEAR_COLUMNS or name in CLEAR_NAMES:
                assert not isinstance(column.type, Text), name
                assert isinstance(column.type, String), name
                assert not SECRET.search(column.name), name


def test_what_a_caller_says_is_masked_too() -> None:
    told = masking.detail(
        {
            "task_no": "7-3-1",
            "reason": ISSUE,
            "whatever": ISSUE * 3,
            "mobile": "13812340000",
            "token": "abc",
            "new": {"text": ISSUE},
            "rows": 3,
        }
    )
    assert told["task_no"] == "7-3-1"
    assert told["rows"] == 3
    assert told["mobile"] == "138****0000"
    assert told["token"] == "（已隐藏）"
    assert "招标" not in str(told)
