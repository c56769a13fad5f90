"""What others wrote and we carry is exactly what we took: every file is named in the manifest with its hash."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "tracker" / "web" / "static" / "vendor"
MANIFEST: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
NAMED = {
    f"{entry['package']}-{entry['version']}/{name}": digest
    for entry in MANIFEST
    for name, digest in entry["files"].items()
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_vendored_file_is_the_one_that_was_taken(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == NAMED[name]


def test_no_vendored_file_is_missing_from_the_manifest() -> None:
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found - {"manifest.json"} == set(NAMED)


def test_every_package_comes_with_its_licence_and_its_integrity() -> None:
    for entry in MANIFEST:
        assert "LICENSE" in entry["files"], entry["package"]
        assert entry["integrity"].startswith("sha512-"), entry["package"]
        assert entry["licence"] in {"MIT", "0BSD", "Apache-2.0"}, entry["package"]


def test_vendored_files_point_to_no_source_map() -> None:
    for name in NAMED:
        assert b"sourceMappingURL" not in (VENDOR / name).read_bytes(), name
