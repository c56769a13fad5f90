"""`make run`: the product, its demonstration and the simulator, in real processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import requests

from jobs.demo_run import demo_config, ready_database
from tests.conftest import MONDAY
from tests.databases import free_port
from tracker.kernel.clock import at_local

NOW = at_local(MONDAY, 9, 30)
SIMULATOR = "http://127.0.0.1:8001"


@contextmanager
def running(data_dir: Path, port: int, simulator_port: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "jobs.demo_run", "--data-dir", str(data_dir)]
    ports = ["--port", str(port), "--simulator-port", str(simulator_port)]
    process = subprocess.Popen(
        [*command, *ports], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def answers(url: str, process: "subprocess.Popen[str]") -> str:
    pause = threading.Event()
    while process.poll() is None:
        try:
            return requests.get(url, timeout=5).text
        except requests.ConnectionError:
            pause.wait(0.1)
    raise AssertionError("it ended before it answered")


def test_make_run_shows_roles_to_pick_and_groups_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port, simulator_port = free_port(), free_port()
    with running(tmp_path / "demo", port, simulator_port) as process:
        page = answers(f"http://127.0.0.1:{port}/sign-in", process)
        assert "演示账号" in page
        for key in ("demo-city-housing", "demo-city-liaisons", "demo-county-liaisons"):
            group = answers(f"http://127.0.0.1:{simulator_port}/groups/{key}", process)
            assert "提醒" in group
            assert "云州" in group or "云岭" in group or "市住房城乡建设局" in group
    assert process.returncode == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", simulator_port)) != 0


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "jobs.demo_run",
                "--port",
                str(port),
                "--data-dir",
                str(tmp_path),
            ],
            env={**os.environ, "TRACKER_DATA_DIR": str(tmp_path)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert f"端口 {port}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_week_old_demonstration_is_moved_aside_and_a_younger_one_kept(tmp_path: Path) -> None:
    folder, nobody = tmp_path / "demo", f"http://127.0.0.1:{free_port()}"
    config, is_new = ready_database(demo_config(folder, 8000, nobody), nobody, now=NOW)
    assert is_new
    assert ready_database(config, nobody, now=NOW + timedelta(days=6)) == (config, False)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    old, _is_new = ready_database(config, nobody, now=NOW + timedelta(days=7))
    assert old.secret_keys != config.secret_keys
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "demo-20261123-093000"]


def test_a_foreign_database_in_the_environment_is_not_touched(tmp_path: Path) -> None:
    config = demo_config(tmp_path / "demo", 8000, SIMULATOR)
    assert config.database_url == f"sqlite:///{tmp_path}/demo/tracker.db"
    assert config.wecom_allowed_hosts == (SIMULATOR,)
    assert config.host == "127.0.0.1"
