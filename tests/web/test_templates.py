"""Rules about every template of the product."""

import re
from pathlib import Path

import pytest

from tests.web.look_app import TEMPLATES

ALL = sorted(TEMPLATES.rglob("*.html"))
FORBIDDEN_INLINE = {
    "an inline style": r"\sstyle\s*=|<style\b",
    "an inline script": r"<script\b(?![^>]*\bsrc=)",
    "an event handler": r"\son(?!ly\b)[a-z]+\s*=|\shx-on\b|javascript:|\sjs:",
    "another host": r"\b(?:src|href)\s*=\s*[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
@pytest.mark.parametrize("what", FORBIDDEN_INLINE)
def test_no_template_breaks_the_content_policy(path: Path, what: str) -> None:
    assert not re.search(FORBIDDEN_INLINE[what], path.read_text("utf-8")), what


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_posting_form_carries_the_token(path: Path) -> None:
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, flags=re.S):
        if 'method="post"' in form:
            assert "hidden_csrf()" in form
