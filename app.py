"""The entry: `gunicorn app:app`, or `python app.py` = the whole product in one process."""

import sys

from tracker import create_app
from tracker.kernel.errors import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(str(error))


if __name__ == "__main__":
    from jobs.one_process import serve

    sys.exit(serve(app))
