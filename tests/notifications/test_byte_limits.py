"""What a robot is sent is never too long: composed for any text, and as the simulator counts it over HTTP.

Digests are texts only, of at most 2048 bytes to the host and 2000 to us. The splitter knows one number;
it is tried as well with the 4096 (3900) that a markdown message would have.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notifications.office import Office
from tests.notifications.test_digest import frame, item
from tracker.notifications import digest
from tracker.notifications.channels import Receipt
from tracker.notifications.digest import Frame, Item, Part, compose, recompose, size
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.wecom_sandbox.server import RunningSandbox

LIMITS = {2048: 2000, 4096: 3900}  # the host's, and ours under it
LONGEST_LINE = digest.MAX_LINE_BYTES
MINUTE = timedelta(minutes=1)
SIGNS = ["督", "a", "é", "😀", "👨‍👩‍👧‍👦", "𠮷", "，", "1"]
MAX_PARTS = 5
MARK = re.compile(r"（(\d)/(\d)）")
NUMBER = re.compile(r"T(\d{4})\b")

lines = st.lists(st.tuples(st.sampled_from(SIGNS), st.integers(1, 700)), max_size=4).map(
    lambda runs: "".join(sign * times for sign, times in runs)
)
headings = st.sampled_from(["已逾期", "今天到期", "即将到期", "待审核"]) | lines
entries = st.lists(st.tuples(headings, lines, st.integers(0, 3)), min_size=1, max_size=120)


@pytest.fixture(params=LIMITS, ids=["text", "markdown"])
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many bytes the host takes; the splitter keeps under it."""
    host: int = request.param
    monkeypatch.setattr(digest, "BYTE_BUDGET", LIMITS[host])
    return host


def numbered(found: Sequence[tuple[str, str, int]]) -> list[Item]:
    return [
        Item(notification_id=no, urgency=urgency, heading=heading, line=f"T{no:04d} {line}")
        for no, (heading, line, urgency) in enumerate(found)
    ]


def check_parts(parts: list[Part], items: list[Item], host: int) -> None:
    """Nothing too long, marks in order, every entry whole and once or counted at the very end."""
    assert 1 <= len(parts) <= MAX_PARTS
    marks = [MARK.search(part.body.splitlines()[0]) for part in parts]
    if len(parts) > 1:
        expected = [(str(no), str(len(parts))) for no in range(1, len(parts) + 1)]
        assert [mark and mark.groups() for mark in marks] == expected
    for part in parts:
        assert size(part.body) <= LIMITS[host] < host
        assert part.body.encode().decode() == part.body
        assert "�" not in part.body
    said = [int(no) for part in parts for no in NUMBER.findall(part.body)]
    assert max(Counter(said).values(), default=1) == 1
    rest = [re.findall(r"^其余(\d+)项请登录查看。$", part.body, re.MULTILINE) for part in parts]
    assert not any(rest[:-1]), "counted before the end"
    assert len(said) + sum(map(int, rest[-1])) == len(items)
    held = [no for part in parts for no in part.notification_ids]
    assert sorted(held) == [it.notification_id for it in items]
    if rest[-1]:
        assert len(parts) == MAX_PARTS
    whole = {digest.neutral(it.line) for it in items}
    entries_said = [line for part in parts for line in part.body.splitlines() if NUMBER.match(line)]
    assert whole.issuperset(entries_said), "cut between its edges"


@given(entries)
def test_any_entries_are_split_at_their_edges_within_the_limit(
    limit: int, found: list[tuple[str, str, int]]
) -> None:
    items = numbered(found)
    check_parts(compose(items, frame()), items, limit)
    again = recompose(items, frame(), part_no=MAX_PARTS, part_count=MAX_PARTS)
    assert size(again.body) <= LIMITS[limit]


@given(st.lists(st.integers(1, 560), min_size=1, max_size=80), st.sampled_from(SIGNS))
def test_parts_are_filled_before_another_is_begun(
    limit: int, lengths: list[int], sign: str
) -> None:
    """An entry that would have fitted does not begin a new part."""
    items = [item(no, f"T{no:04d} {sign * (n // size(sign))}") for no, n in enumerate(lengths)]
    parts = compose(items, frame(link=None))
    for part, following in pairwise(parts):
        first = next(line for line in following.body.splitlines() if NUMBER.match(line))
        reserved = size("其余9999项请登录查看。\n") + size("已逾期（续）：\n") + 40
        assert size(part.body) + size(first) + reserved > LIMITS[limit]


@pytest.mark.parametrize("sign", ["督", "😀", "👨‍👩‍👧‍👦", "𠮷", "é"])
@pytest.mark.parametrize("count", [682, 683, 1365, 1366])
def test_one_long_text_is_cut_on_a_characters_edge(limit: int, sign: str, count: int) -> None:
    for lead in range(5):  # the cut falls on each byte of a sign
        items = [item(1, "x" * lead + sign * count)]
        (part,) = compose(items, frame())
        line = part.body.splitlines()[2]
        assert line.endswith("…")
        assert (("x" * lead) + sign * count).startswith(line[:-1])
        assert LONGEST_LINE - 4 < size(line) + size(sign[0]) <= LONGEST_LINE + 4
        assert size(part.body) <= LIMITS[limit]


@pytest.mark.parametrize(("host", "count"), [(2048, 683), (4096, 1366)])
def test_the_simulator_refuses_what_is_one_character_too_long(
    office: Office, sandbox: RunningSandbox, host: int, count: int
) -> None:
    """683 and 1366 Chinese characters are the first beyond; so what is not refused was within."""
    kind = "text" if host == 2048 else "markdown"
    for length, errcode in ((count - 1, 0), (count, 40058)):
        payload = {"msgtype": kind, kind: {"content": "督" * length}}
        answer = requests.post(sandbox.webhook_url("probe"), json=payload, timeout=10).json()
        assert answer["errcode"] == errcode


def send_all(
    office: Office, frames: Sequence[tuple[ChannelKind, str | None]], items: list[Item]
) -> None:
    robot = office.robot()
    for kind, link in frames:
        whole = Frame(
            kind=kind, number="261116-1", today=date(2026, 11, 16), link=link, texts=frame().texts
        )
        for part in compose(items, whole):
            assert isinstance(robot.send(office.sandbox.webhook_url("any"), part.body, ()), Receipt)
            office.clock.advance(MINUTE)


@given(found=entries)
@settings(max_examples=25)
def test_the_simulator_refuses_no_part_of_any_digest(
    office: Office, found: list[tuple[str, str, int]]
) -> None:
    office.sandbox.clear()
    link = "https://tracker.example/" + "长" * 80
    frames = [(kind, link) for kind in (ChannelKind.UNIT, ChannelKind.SHARED, ChannelKind.OFFICE)]
    send_all(office, frames, numbered(found))
    assert {attempt["errcode"] for attempt in office.sandbox.attempts("any")} == {0}


@pytest.mark.parametrize("padding", ["督" * 683, "😀" * 512, "👨‍👩‍👧‍👦" * 90, ""])
def test_a_group_with_a_hundred_entries_reads_or_counts_each_of_them(
    office: Office, padding: str
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.voice.padding = padding
    office.queue(*range(1, 101))
    for _ in range(3):
        office.deliver()
        office.clock.advance(MINUTE)
    assert {attempt["errcode"] for attempt in office.sandbox.attempts("own")} == {0}
    texts = office.contents("own")
    assert all(size(text) <= 2048 for text in texts)
    said = Counter(no for text in texts for no in re.findall(r"T-(\d{4})", text))
    rest = re.findall(r"其余(\d+)项请登录查看", texts[-1])
    assert set(said.values()) == {1}
    assert len(said) + sum(map(int, rest)) == 100
    assert set(office.states().values()) == {MessageState.SENT}
