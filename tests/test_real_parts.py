"""A missing program never passes for a tested one."""

from pathlib import Path

import pytest

from tests.real_parts import require_program

MISSING = "no-such-program-anywhere"


def test_a_missing_program_skips_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install some-package"):
        require_program(MISSING, package="some-package")


def test_a_missing_program_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install some-package"):
        require_program(MISSING, package="some-package")


def test_the_first_program_found_counts(tmp_path: Path) -> None:
    newest = tmp_path / "18" / "program"
    for folder in ("17", "18"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "program").touch()
    pattern = f"{tmp_path}/*/program"
    assert require_program(MISSING, pattern, package="x") == str(newest)
    assert require_program("sh", pattern, package="x").endswith("/sh")
