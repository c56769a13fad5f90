"""Cells that would run as a formula, control characters, and texts that are too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.spreadsheets.sanitise import (
    CUT_MARK,
    MAX_CELL_UNITS,
    clean_text,
    original_text,
    safe_text,
)


@pytest.mark.parametrize("start", list("=+-@\t\r＝＋－＠"))
def test_a_text_that_could_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_text(start + "cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("text", ["问题", "1-2", "a=b", "'引号", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


def test_control_characters_and_lone_surrogates_are_dropped() -> None:
    assert clean_text("甲\x00\x07乙\x1b丙\ud800\ufffe\n丁\t") == "甲乙丙\n丁\t"


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark() -> None:
    cut = safe_text("𠮷" * 20_000)
    assert cut.endswith(CUT_MARK)
    assert MAX_CELL_UNITS - 1 <= len(cut.encode("utf-16-le")) // 2 <= MAX_CELL_UNITS
    assert safe_text("字" * MAX_CELL_UNITS) == "字" * MAX_CELL_UNITS


@given(st.text(alphabet=st.sampled_from("'=+-@\t\n＝＋－＠甲a1"), max_size=12) | st.text())
def test_the_apostrophe_can_always_be_undone(text: str) -> None:
    assert original_text(safe_text(text)) == clean_text(text)
