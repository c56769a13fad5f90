"""Robots of the demonstration. They name the simulator on this computer and nothing else."""

import hashlib

from tracker.demo.book import Book
from tracker.demo.organizations import CITY, COUNTY
from tracker.kernel.crypto import Sealer
from tracker.notifications.models import Channel
from tracker.notifications.rules import ChannelKind
from tracker.organizations.models import Unit

SIMULATOR = "http://127.0.0.1:8001"


def add_channels(book: Book, sealer: Sealer, unit: Unit, simulator: str = SIMULATOR) -> None:
    """Add a shared and an office group per region, and one unit's own group."""
    for code in (CITY, COUNTY):
        name = book.regions[code].short_name
        _add(book, sealer, simulator, code, ChannelKind.SHARED, f"{name}整改联络员群")
        _add(book, sealer, simulator, code, ChannelKind.OFFICE, f"{name}巡察办工作群")
    _add(book, sealer, simulator, CITY, ChannelKind.UNIT, f"{unit.short_name}整改工作群", unit)


def _add(
    book: Book,
    sealer: Sealer,
    simulator: str,
    region: str,
    kind: ChannelKind,
    name: str,
    unit: Unit | None = None,
) -> None:
    key = f"demo-{region}-{kind.value}".lower()
    book.add(
        [
            Channel(
                region_id=book.regions[region].id,
                kind=kind,
                unit_id=None if unit is None else unit.id,
                name=name,
                sealed_url=sealer.seal(f"{simulator}/cgi-bin/webhook/send?key={key}"),
                key_mark=hashlib.sha256(key.encode()).hexdigest(),
                key_tail=key[-4:],
                **book.stamps(),
            )
        ]
    )
