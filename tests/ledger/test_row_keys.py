"""Keys of rows, and the three-way comparison of a cell."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.ledger.row_keys import RowKey, read_key
from tracker.ledger.three_way import CellChange, compare

TOKENS = st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=8, max_size=8)
IDS = st.integers(0, 10**11)
TEXTS = st.sampled_from(["", "甲", "乙", "丙"])


@given(TOKENS, IDS, IDS)
def test_a_key_comes_back_from_its_text(token: str, task_id: int, measure_id: int) -> None:
    key = RowKey(token, task_id, measure_id)
    assert read_key(str(key)) == key
    assert read_key(f" {key}\n") == key


@given(TOKENS, IDS, st.integers(0, 30), st.sampled_from("0123456789abcdef-x 甲"))
def test_a_key_that_was_typed_over_is_none(token: str, task_id: int, at: int, letter: str) -> None:
    text = str(RowKey(token, task_id))
    at %= len(text)
    typed = text[:at] + letter + text[at + 1 :]
    found = read_key(typed)
    assert found is None or typed.strip() == str(found)
    assert read_key(text[:at]) is None


@given(TEXTS, TEXTS, TEXTS)
def test_a_cell_has_changed_where_it_differs_from_what_went_out(
    sent: str, returned: str, present: str
) -> None:
    they, we = returned != sent, present != sent
    expected = {
        (False, False): CellChange.NONE,
        (True, False): CellChange.THEIRS,
        (False, True): CellChange.OURS,
        (True, True): CellChange.AGREED if returned == present else CellChange.CONFLICT,
    }
    assert compare(sent, returned, present) is expected[they, we]
