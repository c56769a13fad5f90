"""`python -m jobs`: the schedule as a process of its own; any number of them, one leads."""

import signal
import sys
import threading

from jobs.context import JobContext, worker_name
from jobs.schedule import start
from tracker.kernel import logs
from tracker.kernel.clock import SystemClock
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError
from tracker.kernel.migrate import pending

POOL_SIZE = 20  # the workers of a delivery, and the other jobs beside it


def main() -> int:
    """Run until SIGTERM or SIGINT; return the exit code."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        context = prepared()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    running = start(context)
    stopped.wait()
    running.stop()
    context.database.dispose()
    return 0


def prepared() -> JobContext:
    """Return the collaborators. Raises ConfigError while the schema is not up to date."""
    config = Config.from_env()
    logs.configure(config.log_format)
    database = Database(config.database_url, pool_size=POOL_SIZE)
    if pending(database):
        raise ConfigError("数据库结构不是最新，请先运行 flask --app app db upgrade。")
    sealer = Sealer(config.secret_keys)
    return JobContext(database, SystemClock(), config, sealer, worker_name())


if __name__ == "__main__":
    sys.exit(main())
