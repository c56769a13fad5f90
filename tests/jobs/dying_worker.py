"""A jobs process that stands still in the middle of an import, for a test to kill it there.

`python -m tests.jobs.dying_worker`: takes what waits, as `python -m jobs` does, from the database that the
environment names. Once issues are written and no task is, it says so and waits for its end.
"""

import sys
import time
from typing import Any

from jobs.__main__ import prepared
from jobs.run_background import do_all
from tracker.ledger import landing

IN_THE_MIDDLE = "in the middle"


def main() -> int:
    """Never return while there is an import to do."""

    def stand_still(*_given: Any, **_told: Any) -> Any:
        print(IN_THE_MIDDLE, flush=True)
        time.sleep(600)

    vars(landing)["bring_in_tasks"] = stand_still
    do_all(prepared())
    return 0


if __name__ == "__main__":
    sys.exit(main())
