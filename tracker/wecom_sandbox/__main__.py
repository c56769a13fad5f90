"""`python -m tracker.wecom_sandbox`."""

import sys

from tracker.wecom_sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
