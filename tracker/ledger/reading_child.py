"""The other side of `reading_apart`: limits itself, reads one file, prints the reading as JSON."""

import json
import resource
import sys
from datetime import date
from pathlib import Path

from tracker.ledger.inspection import inspect_file
from tracker.ledger.packing import pack_reading, to_text


def answer() -> None:
    """Read what is asked for on standard input; exit with an error when the limits are met."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory_bytes"], asked["memory_bytes"]))
    fed_back_on, end = (date.fromisoformat(day) if day else None for day in asked["days"])
    with Path(asked["path"]).open("rb") as data:
        reading = inspect_file(
            data,
            name=asked["name"],
            feedback_on=fed_back_on,
            concentrated_end=end,
            unit=asked["unit"],
        )
    sys.stdout.buffer.write(to_text(pack_reading(reading)).encode())
