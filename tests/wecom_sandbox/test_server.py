"""Starting, stopping, and the program on its own."""

import os
import signal
import subprocess
import sys
import threading

import pytest
import requests

from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.cli import main
from tracker.wecom_sandbox.server import PortTakenError, RunningSandbox, start_sandbox


def test_two_simulators_take_two_free_ports(sandbox: RunningSandbox) -> None:
    with start_sandbox() as other:
        assert other.port != sandbox.port
        Robot(other.url, "demo-office").say("你好")
        assert len(other.seen()) == 1
        assert sandbox.seen() == []


def test_a_taken_port_is_one_chinese_sentence_and_exit_code_1(
    sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PortTakenError):
        start_sandbox(sandbox.port)
    assert main(["--port", str(sandbox.port)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"端口 {sandbox.port} 无法使用")


def test_a_malformed_key_on_the_command_line_is_exit_code_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--port", "0", "--keys", "a b"]) == 1
    assert capsys.readouterr().err.startswith("key 只能由")


@pytest.mark.parametrize("wrong", [["--window", "0"], ["--window", "nan"], ["--port", "70000"]])
def test_a_senseless_option_is_exit_code_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(wrong)
    assert refused.value.code == 2


def test_a_stopped_simulator_frees_its_port_and_may_be_stopped_twice() -> None:
    sandbox = start_sandbox()
    Robot(sandbox.url, "demo-office").say("你好")
    sandbox.stop()
    sandbox.stop()
    with start_sandbox(sandbox.port) as again:
        assert again.port == sandbox.port


def test_messages_sent_at_once_are_each_kept_once(sandbox: RunningSandbox) -> None:
    robots = [Robot(sandbox.url, f"demo-{n}") for n in range(8)]
    barrier = threading.Barrier(len(robots))

    def send_ten(robot: Robot) -> None:
        barrier.wait()
        for n in range(10):
            robot.say(str(n))

    threads = [threading.Thread(target=send_ten, args=(robot,)) for robot in robots]
    for thread in threads:
        thread.start()
    seen = sandbox.wait_for_messages(80)
    for thread in threads:
        thread.join()
    assert [one["seq"] for one in seen] == list(range(1, 81))
    for robot in robots:
        assert [one["content"] for one in sandbox.seen(robot.key)] == [str(n) for n in range(10)]


def test_waiting_for_a_message_that_does_not_come_says_so(sandbox: RunningSandbox) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        sandbox.wait_for_messages(1, timeout_seconds=0.05)


def test_the_program_serves_by_itself_and_never_prints_a_key() -> None:
    command = [sys.executable, "-m", "tracker.wecom_sandbox", "--port", "0"]
    with subprocess.Popen(
        [*command, "--group", "demo-secret-key=巡察办群"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        url = first.split("：", 1)[1].split("/（")[0]
        assert Robot(url, "demo-secret-key").say("你好") == 0
        assert "巡察办群" in requests.get(url, timeout=10).text
        program.send_signal(signal.SIGTERM)
        rest = program.stdout.read()
    assert program.returncode == 0
    assert rest == "模拟器已停止。\n"
