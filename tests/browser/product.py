"""The whole product in this process: pages on a port, jobs by hand, simulator beside it."""

import logging
import threading
from datetime import date
from pathlib import Path

from werkzeug.serving import make_server

from jobs import deliver_notifications, queue_reminders, weekly_report
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import make_cast
from tests.fakes.clock import ManualClock
from tracker import create_app
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.wecom_sandbox.server import start_sandbox
from tracker.workdays.service import seed_calendar


class Product:
    """What an office runs, with a clock that the test moves."""

    def __init__(self, database: Database, clock: ManualClock, folder: Path) -> None:
        self.clock = clock
        self.robots = start_sandbox(now=clock.now)
        host = self.robots.url.rstrip("/")
        self.config = make_config(
            database.url,
            folder / "data",
            wecom_base_url=host,
            wecom_allowed_hosts=(host,),
        )
        self.context = JobContext(
            database=database,
            clock=clock,
            config=self.config,
            worker="test",
            sealer=Sealer(self.config.secret_keys),
        )
        with database.writing() as session:
            seed_calendar(session, now=clock.now(), actor=Actor(name="tests"))
            self.people = make_cast(session, now=clock.now())
            session.commit()
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        app = create_app(self.config, clock=clock, store=database)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def at(self, day: date, hour: int = 9, minute: int = 7) -> None:
        """Move the clock to a Beijing wall time."""
        self.clock.set_local(day, hour, minute)

    def queue(self) -> int:
        """Run queue-reminders as the timer would."""
        return queue_reminders.run(self.context, self.clock.now())

    def deliver(self) -> int:
        """Run deliver-notifications as the timer would."""
        return deliver_notifications.run(self.context, self.clock.now())

    def report(self) -> int:
        """Run weekly-report as the timer would."""
        return weekly_report.run(self.context, self.clock.now())

    def stop(self) -> None:
        """Stop pages and simulator."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.robots.stop()
