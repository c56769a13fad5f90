"""Our own CSS and JavaScript: old browsers know them, and red says overdue and nothing else."""

import colorsys
import re

import pytest

from tests.web.look_app import STATIC

CSS = sorted((STATIC / "css").glob("*.css"))
OWN = CSS + sorted((STATIC / "js").glob("*.js"))
# Each came to Chromium after 86.
TOO_NEW = {
    ".css": r":has\(|:is\(|:where\(|@container|@layer|color-mix|oklch|light-dark|aspect-ratio|accent-color"
    r"|\binset(-block|-inline)?:|\b(margin|padding)-(inline|block):|[0-9]d?[sl]?[dl]vh\b|text-wrap|&[ .:]"
    r"|\(width\s*[<>]|scrollbar-gutter|overflow: clip|dvh|svh",
    ".js": r"structuredClone|Object\.hasOwn\b|\.at\(|\.findLast|replaceChildren|\.toSorted|static \{|\bawait import",
}


def uncommented(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def is_red(hex_colour: str) -> bool:
    red, green, blue = (int(hex_colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return saturation > 0.25 and (hue * 360 < 18 or hue * 360 > 335)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_own_files_use_only_what_chromium_86_knows(path) -> None:  # type: ignore[no-untyped-def]
    assert not re.search(TOO_NEW[path.suffix], uncommented(path.read_text("utf-8")))


def test_the_only_red_variables_are_those_of_overdue() -> None:
    pairs = re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", (STATIC / "css/base.css").read_text())
    assert len(pairs) > 40
    assert {name for name, colour in pairs if is_red(colour)} == {"--overdue", "--overdue-soft"}


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_only_selectors_of_overdue_use_its_red(path) -> None:  # type: ignore[no-untyped-def]
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", uncommented(path.read_text("utf-8")))
    red = [selector for selector, body in rules if "var(--overdue" in body]
    assert all("overdue" in selector for selector in red)


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_colours_stand_in_variables(path) -> None:  # type: ignore[no-untyped-def]
    if path.name == "print.css":
        return
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", uncommented(path.read_text("utf-8")))
    bare = [
        s.strip()
        for s, body in rules
        if s.strip() != ":root" and re.search(r"#[0-9a-f]{3,6}\b", body)
    ]
    assert bare == [".site-header :focus-visible"][: len(bare)]
