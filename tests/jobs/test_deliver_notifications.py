"""The two jobs of sending: run twice, they act once."""

from jobs import deliver_notifications, requeue_stale
from jobs.context import JobContext
from tests.conftest import MONDAY, make_config
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.notifications.rules import MessageState
from tracker.wecom_sandbox.server import start_sandbox


def test_both_jobs_run_twice_and_leave_what_nobody_speaks_for(
    database: Database, people: Cast, clock: ManualClock, config: Config
) -> None:
    with start_sandbox(now=clock.now) as sandbox:
        reachable = make_config(
            config.database_url, config.data_dir, wecom_allowed_hosts=(sandbox.url,)
        )
        context = JobContext(database, clock, reachable, Sealer(reachable.secret_keys), "tests")
        office = Office(database, people, clock, reachable, sandbox)
        office.switch("1")
        office.channel("shared")
        office.queue(1, anchor_on=MONDAY)
        for _ in range(2):
            assert deliver_notifications.run(context, clock.now()) == 0
            assert requeue_stale.run(context, clock.now()) == 0
        assert office.states() == {1: MessageState.QUEUED}
