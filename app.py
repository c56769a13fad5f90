"""The entry: `gunicorn app:app`, or `python app.py` = the whole product in one process."""

import sys

from jobs.cli import jobs_group
from tracker import create_app
from tracker.kernel.errors import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))
app.cli.add_command(jobs_group)


if __name__ == "__main__":
    from jobs.one_process import serve

    sys.exit(serve(app))
