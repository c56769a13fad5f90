"""Twenty a minute, then a block."""

import pytest

from tests.wecom_sandbox.conftest import HandClock
from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.limiter import Limiter, Window
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox


def use_up(limiter: Limiter, times: int, *, at: float, accepted: bool = True) -> None:
    for _ in range(times):
        assert limiter.admits("key", at=at)
        limiter.count("key", at=at, accepted=accepted)


def test_the_21st_message_is_lost_and_blocks_its_key_for_a_minute(
    robot: Robot, sandbox: RunningSandbox, clock: HandClock
) -> None:
    assert [robot.say(f"第 {n} 条") for n in range(20)] == [0] * 20
    clock.advance(seconds=30)
    answer = robot.answer({"msgtype": "text", "text": {"content": "第 21 条"}})
    assert answer["errcode"] == 45009
    assert answer["errmsg"].startswith("api freq out of limit, hint: [")
    assert Robot(robot.url, "demo-office").say("另一个群") == 0
    clock.advance(seconds=59.9)
    assert robot.say("还在屏蔽") == 45009
    clock.advance(seconds=0.1)
    assert robot.say("屏蔽结束") == 0
    assert len(sandbox.seen(robot.key)) == 21


def test_the_window_can_be_shortened(clock: HandClock) -> None:
    with start_sandbox(0, 2.0, clock) as sandbox:
        robot = Robot(sandbox.url, "demo-office")
        assert [robot.say("一") for _ in range(21)] == [0] * 20 + [45009]
        clock.advance(seconds=2)
        assert robot.say("二") == 0


def test_a_refused_message_uses_quota(robot: Robot) -> None:
    assert [robot.say("") for _ in range(20)] == [44004] * 20
    assert robot.say("好") == 45009


def test_a_scripted_failure_uses_quota(robot: Robot, sandbox: RunningSandbox) -> None:
    sandbox.script_fault(-1, times=20)
    assert [robot.say("好") for _ in range(21)] == [-1] * 20 + [45009]


def test_failures_can_be_free_of_charge() -> None:
    limiter = Limiter(count_failures=False)
    use_up(limiter, 100, at=0.0, accepted=False)
    use_up(limiter, 20, at=0.0)
    assert not limiter.admits("key", at=0.0)


def test_a_sliding_window_frees_each_place_by_itself() -> None:
    limiter = Limiter()
    use_up(limiter, 10, at=0.0)
    use_up(limiter, 10, at=30.0)
    use_up(limiter, 10, at=60.0)
    assert not limiter.admits("key", at=60.0)


def test_a_fixed_window_begins_anew_on_the_minute() -> None:
    limiter = Limiter(window=Window.FIXED)
    use_up(limiter, 20, at=59.0)
    use_up(limiter, 20, at=60.0)
    assert not limiter.admits("key", at=119.0)


def test_asking_while_blocked_does_not_prolong_the_block() -> None:
    limiter = Limiter()
    use_up(limiter, 20, at=0.0)
    assert not limiter.admits("key", at=10.0)
    assert not limiter.admits("key", at=69.0)
    assert limiter.admits("key", at=70.0)


def test_a_window_of_no_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="longer than 0"):
        Limiter(window_seconds=0)
