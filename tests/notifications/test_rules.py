"""Classes of failure, retries and the rolling minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.notifications.addresses import is_allowed, parse_address
from tracker.notifications.rules import Failure, Pace, explain, failure_of, free_at, retry_delay

NOW = datetime(2026, 11, 16, 1, tzinfo=UTC)
PACE = Pace()
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (45009, Failure.PAUSED),
        (130101, Failure.PAUSED),
        (-1, Failure.BUSY),
        (45033, Failure.BUSY),
        (93000, Failure.BROKEN),
        (93004, Failure.BROKEN),
        (93008, Failure.BROKEN),
        (40058, Failure.REFUSED),
        (44004, Failure.REFUSED),
        (40008, Failure.REFUSED),
        (999999, Failure.REFUSED),
    ],
)
def test_the_class_follows_from_the_errcode(errcode: int, kind: Failure) -> None:
    assert failure_of(errcode) is kind
    assert explain(errcode)


@given(st.lists(st.integers(0, 300), max_size=200))
def test_never_more_than_eighteen_in_any_rolling_minute(gaps: list[int]) -> None:
    now = NOW
    taken: list[datetime] = []
    for gap in gaps:
        now += gap * SECOND / 10
        if free_at(taken, paused_until=None, pace=PACE, now=now) <= now:
            taken.append(now)
    for start in taken:
        assert sum(start <= at < start + PACE.window for at in taken) <= PACE.per_window


@given(st.lists(st.integers(-400, 400), max_size=60))
def test_the_instant_to_come_back_at_has_a_token(offsets: list[int]) -> None:
    attempts = [NOW + offset * SECOND for offset in offsets]
    free = free_at(attempts, paused_until=None, pace=PACE, now=NOW)
    assert free - NOW <= 2 * PACE.window
    assert sum(free - PACE.window < at <= NOW + PACE.window for at in attempts) < PACE.per_window


def test_a_pause_holds_until_its_end() -> None:
    until = NOW + 65 * SECOND
    assert free_at([], paused_until=until, pace=PACE, now=NOW) == until


def test_retries_grow_and_end() -> None:
    for kind, limit in ((Failure.BUSY, 3), (Failure.UNAVAILABLE, 5)):
        waits = [retry_delay(kind, failures=n, jitter=0) for n in range(1, limit + 2)]
        assert waits[-1] is None
        assert all(a < b for a, b in pairwise(waits) if a and b)
    assert retry_delay(Failure.REFUSED, failures=1, jitter=0) is None
    first = retry_delay(Failure.BUSY, failures=1, jitter=0.999)
    assert first is not None
    assert timedelta(seconds=10) < first <= timedelta(seconds=12)


HOST = "https://qyapi.weixin.qq.com"
SEND = "/cgi-bin/webhook/send"


@pytest.mark.parametrize(
    "text",
    [
        "abc-1",
        f"{HOST}{SEND}?key=abc-1",
        f"{HOST}:443{SEND}?key=abc-1&x=2",
        f" {HOST}{SEND}?key=abc-1 ",
    ],
)
def test_a_full_address_or_a_bare_key_is_read(text: str) -> None:
    address = parse_address(text, base_url=HOST, allowed_hosts=[HOST])
    assert address.url == f"{HOST}{SEND}?key=abc-1"
    assert "abc" not in repr(address)


@pytest.mark.parametrize(
    "text",
    [
        f"http://qyapi.weixin.qq.com{SEND}?key=k",
        f"{HOST}:8443{SEND}?key=k",
        f"https://qyapi.weixin.qq.com.evil.example{SEND}?key=k",
        f"https://qyapi.weixin.qq.com@evil.example{SEND}?key=k",
        f"https://me:pw@qyapi.weixin.qq.com{SEND}?key=k",
        f"{HOST}{SEND}?key=k#part",
        f"{HOST}{SEND}/../upload?key=k",
        f"{HOST}/other?key=k",
        f"{HOST}{SEND}",
        f"{HOST}{SEND}?key=a&key=b",
        f"{HOST}{SEND}?key=a%0d%0ab",
        f"{HOST}\\@evil.example{SEND}?key=k",
        "https://[broken/send?key=k",
        f"{HOST}:99999999{SEND}?key=k",
        "file:///etc/passwd",
        "",
        "a key",
    ],
)
def test_any_other_address_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_address(text, base_url=HOST, allowed_hosts=[HOST])
    assert str(refused.value).endswith("。")


def test_a_listed_private_host_is_allowed_with_its_port_only() -> None:
    listed = ["http://10.1.2.3:8080"]
    assert is_allowed("http://10.1.2.3:8080", listed)
    assert not is_allowed("http://10.1.2.3", listed)
    assert not is_allowed("https://10.1.2.3:8080", listed)
