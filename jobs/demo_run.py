"""`python -m jobs.demo_run`: the product with demonstration data, and the robot simulator beside.

What the demonstration pushes can only reach the simulator on this computer. Its database is its
own: reused while younger than a week, else moved aside and loaded anew, never deleted.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from jobs import deliver_notifications, weekly_report
from jobs.context import JobContext, worker_name
from jobs.one_process import port_is_taken, serve
from tracker import create_app
from tracker.demo.channels import GROUPS, SIMULATOR_PORT
from tracker.demo.load import last_slot, load, loaded_at
from tracker.files.storage import FileStorage
from tracker.kernel.clock import SystemClock, local
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import upgrade
from tracker.workdays.queries import load_calendar

HOST = "127.0.0.1"
FRESH_DAYS = 7
START_SECONDS = 20


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped; return the exit code. Bad circumstances get one Chinese sentence."""
    wanted = _parser().parse_args(arguments)
    simulator = f"http://{HOST}:{wanted.simulator_port}"
    signal.signal(signal.SIGTERM, _stop)
    try:
        ensure_free(wanted.port, "页面", "TRACKER_PORT=8080 make run")
        ensure_free(
            wanted.simulator_port, "机器人模拟器", "python -m jobs.demo_run --simulator-port 8002"
        )
        config = demo_config(wanted.data_dir, wanted.port, simulator)
        with simulator_beside(wanted.simulator_port):
            now = SystemClock().now()
            config, is_new = ready_database(config, simulator, now=now)
            if is_new:
                deliver_first(config, now=now)
            sys.stdout.write(
                f"演示已就绪：{config.base_url} （点选角色进入）；"
                f"群消息：{simulator}/ 。按 Ctrl+C 停止。\n"
            )
            sys.stdout.flush()
            return serve(create_app(config))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
    except PermissionError as error:
        sys.stderr.write(f"不能写入 {error.filename}。请换一个目录，或用有权限的用户运行。\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jobs.demo_run", description="运行演示。")
    port = os.environ.get("TRACKER_PORT", "8000")
    parser.add_argument("--port", type=int, default=int(port) if port.isdigit() else 8000)
    parser.add_argument("--simulator-port", type=int, default=SIMULATOR_PORT)
    parser.add_argument("--data-dir", type=Path, default=Path("var/demo"))
    return parser


def demo_config(data_dir: Path, port: int, simulator: str) -> Config:
    """Return the demonstration's own configuration; a database named elsewhere is not touched."""
    return Config.from_env(
        {
            "TRACKER_DATA_DIR": str(data_dir),
            "TRACKER_HOST": HOST,
            "TRACKER_PORT": str(port),
            "TRACKER_BASE_URL": f"http://{HOST}:{port}",
            "TRACKER_WECOM_BASE_URL": simulator,
            "TRACKER_WECOM_ALLOWED_HOSTS": simulator,
            "TRACKER_DEMO_ROLE_PICKER": "1",
            "TRACKER_LOG_FORMAT": os.environ.get("TRACKER_LOG_FORMAT", "text"),
        }
    )


def ensure_free(port: int, what: str, way_out: str) -> None:
    """Raise ConfigError when somebody listens on a port already."""
    if port_is_taken(HOST, port):
        raise ConfigError(f"端口 {port}（{what}）已被占用，可能演示已在运行。可以：{way_out}。")


def ready_database(config: Config, simulator: str, *, now: datetime) -> tuple[Config, bool]:
    """Make the demonstration's database ready; return the configuration it is to be run with,
    and whether it was loaded anew.

    What is moved aside keeps its secret key, so a new database comes with a new one.
    """
    if _is_fresh(config, simulator, now=now):
        return config, False
    if _path_of(config).exists():
        _move_aside(config.data_dir, now=now)
        config = demo_config(config.data_dir, config.port, simulator)
    database = Database(config.database_url)
    try:
        upgrade(database)
        with database.writing() as session:
            storage = FileStorage(config.evidence_dir)
            sealer = Sealer(config.secret_keys)
            load(session, sealer, now=now, simulator=simulator, storage=storage)
            session.commit()
    finally:
        database.dispose()
    return config, True


@dataclass(frozen=True)
class StandingClock:
    """Tells one instant: the last working slot, whatever day the demonstration is loaded on."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant."""
        return self.instant

    def shared(self, _connection: Connection) -> datetime:
        """Return the instant, the database's clock left aside."""
        return self.instant


def deliver_first(config: Config, *, now: datetime) -> int:
    """Make the newest weekly reports and send what was queued at load, as of the last working
    slot, so that no page and no group is empty on a day off either; return how many messages the
    simulator took."""
    database = Database(config.database_url)
    try:
        with database.reading() as session:
            slot = last_slot(now, load_calendar(session))
        context = JobContext(
            database=database,
            clock=StandingClock(slot),
            config=config,
            sealer=Sealer(config.secret_keys),
            worker=worker_name(),
        )
        weekly_report.run(context, slot)
        return deliver_notifications.run(context, slot)
    finally:
        database.dispose()


def _path_of(config: Config) -> Path:
    return Path(config.database_url.removeprefix("sqlite:///"))


def _is_fresh(config: Config, simulator: str, *, now: datetime) -> bool:
    """Return whether the kept database can be used: ours, of this schema, younger than a week."""
    if not _path_of(config).exists():
        return False
    database = Database(config.database_url)
    try:
        upgrade(database)
        with database.reading() as session:
            loaded = loaded_at(session, simulator=simulator)
    except (SQLAlchemyError, ConfigError):
        return False
    finally:
        database.dispose()
    return loaded is not None and now - loaded < timedelta(days=FRESH_DAYS)


def _move_aside(data_dir: Path, *, now: datetime) -> None:
    """Keep what was there under the name of the moment."""
    data_dir.rename(data_dir.with_name(f"{data_dir.name}-{local(now):%Y%m%d-%H%M%S}"))


@contextmanager
def simulator_beside(port: int) -> Iterator[None]:
    """Run the simulator as a child until the block ends. Raises ConfigError when it won't start."""
    names = [part for group in GROUPS for part in ("--group", f"{group.key}={group.name}")]
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tracker.wecom_sandbox", "--port", str(port), *names]
    )
    try:
        _wait_for(child, port)
        yield
    finally:
        child.terminate()
        child.wait(timeout=10)


def _wait_for(child: "subprocess.Popen[bytes]", port: int) -> None:
    pause = threading.Event()
    for _attempt in range(START_SECONDS * 10):
        if child.poll() is not None:
            break
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            pause.wait(0.1)
        else:
            return
    raise ConfigError("机器人模拟器没有启动成功，请查看上面的说明后重试。")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
