"""Programs of the machine that some tests need: skip politely without them, fail in CI."""

import os
import shutil
from pathlib import Path

import pytest


def require_program(*names: str, package: str) -> str:
    """Return the path of the first program found.

    A name with a slash is a pattern of absolute paths; of several matches the last one counts.
    Skips with a sentence that says how to get it; with CI=true it fails instead.
    """
    for name in names:
        found = _find(name)
        if found:
            return found
    sentence = f"{names[0]} is missing. On Debian: apt-get install {package}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def _find(name: str) -> str | None:
    if "/" not in name:
        return shutil.which(name)
    matches = sorted(Path("/").glob(name.removeprefix("/")))
    return str(matches[-1]) if matches else None
