"""One process of several that deliver at once; started by the tests with spawn."""

from multiprocessing.synchronize import Barrier

from tests.conftest import MONDAY
from tests.fakes.clock import ManualClock
from tests.fakes.voice import ThingVoice
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import deliver


def run(url: str, secret_keys: tuple[str, ...], host: str, worker: str, barrier: Barrier) -> None:
    database = Database(url, pool_size=2)
    barrier.wait(timeout=60)
    deliver(
        database,
        [ThingVoice()],
        channel_sender=WecomRobot(Way(allowed_hosts=(host,))),
        now_source=ManualClock(at_local(MONDAY, 9)),
        worker=worker,
        links=Links(None),
        sealer=Sealer(secret_keys),
    )
    database.dispose()
