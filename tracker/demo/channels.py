"""Robots of the demonstration. They name the simulator on this computer and nothing else."""

from dataclasses import dataclass

from tracker.demo.book import LOADER, Book
from tracker.demo.organizations import CITY, COUNTY
from tracker.kernel.crypto import Sealer
from tracker.notifications.rules import ChannelKind
from tracker.notifications.service import add_channel

SIMULATOR_PORT = 8001
SIMULATOR = f"http://127.0.0.1:{SIMULATOR_PORT}"


@dataclass(frozen=True)
class Group:
    """One chat group with its robot; `unit` is the code of a unit that has a group of its own."""

    key: str
    name: str
    region: str
    kind: ChannelKind
    unit: str | None = None


GROUPS = (
    Group("demo-city-liaisons", "云州市整改联络员群", CITY, ChannelKind.SHARED),
    Group("demo-city-office", "云州市委巡察办工作群", CITY, ChannelKind.OFFICE),
    Group("demo-city-housing", "市住房城乡建设局整改群", CITY, ChannelKind.UNIT, "S037"),
    Group("demo-county-liaisons", "云岭县整改联络员群", COUNTY, ChannelKind.SHARED),
    Group("demo-county-office", "云岭县委巡察办工作群", COUNTY, ChannelKind.OFFICE),
)


def add_channels(book: Book, sealer: Sealer, *, simulator: str = SIMULATOR) -> None:
    """Add one channel per group; `simulator` is scheme://host:port."""
    units = {unit.code: unit.id for unit in book.units["city"]}
    for group in GROUPS:
        add_channel(
            book.session,
            group.name,
            group.key,
            kind=group.kind,
            region_id=book.regions[group.region].id,
            unit_id=None if group.unit is None else units[group.unit],
            base_url=simulator,
            allowed_hosts=[simulator],
            sealer=sealer,
            actor=LOADER,
            now=book.now,
        )
