"""Many threads ask, one answers for all that wait; the fault of one stops no other."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from tracker.notifications.together import Together


def doubled(numbers: Sequence[int]) -> list[int]:
    if -1 in numbers:
        raise ValueError
    return [2 * number for number in numbers]


def test_everybody_gets_the_own_answer() -> None:
    asked = Together(doubled, nullcontext())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked.ask, range(200))) == [2 * number for number in range(200)]


def test_whoever_waits_is_answered_with_the_others() -> None:
    batches: list[int] = []
    first, go_on = threading.Event(), threading.Event()

    def answer(numbers: Sequence[int]) -> list[int]:
        batches.append(len(numbers))
        first.set()
        go_on.wait(10)
        return doubled(numbers)

    asked = Together(answer, nullcontext())
    with ThreadPoolExecutor(6) as pool:
        one = pool.submit(asked.ask, 0)
        assert first.wait(10)
        others = [pool.submit(asked.ask, number) for number in range(1, 6)]
        while len(asked._waiting) < 5:
            threading.Event().wait(0.01)
        go_on.set()
        assert [job.result(10) for job in (one, *others)] == [0, 2, 4, 6, 8, 10]
    assert batches == [1, 5]


def test_the_fault_of_one_is_its_own() -> None:
    first, go_on = threading.Event(), threading.Event()

    def answer(numbers: Sequence[int]) -> list[int]:
        first.set()
        go_on.wait(10)
        return doubled(numbers)

    asked = Together(answer, nullcontext())
    with ThreadPoolExecutor(6) as pool:
        one = pool.submit(asked.ask, 0)
        assert first.wait(10)
        others = [pool.submit(asked.ask, number) for number in (1, -1, 2, -1, 3)]
        while len(asked._waiting) < 5:
            threading.Event().wait(0.01)
        go_on.set()
        good = [job.result(10) for job in (one, others[0], others[2], others[4])]
        assert good == [0, 2, 4, 6]
        for job in (others[1], others[3]):
            with pytest.raises(ValueError, match=r"^$"):
                job.result(10)
