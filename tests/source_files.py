"""The product's Python files as syntax trees, for tests that read the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def product_files() -> tuple[Path, ...]:
    """Return app.py and every Python file of tracker and jobs."""
    found = [path for room in ("tracker", "jobs") for path in (ROOT / room).rglob("*.py")]
    return (ROOT / "app.py", *sorted(found))


def name_of(path: Path) -> str:
    """Return a file's path inside the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def calls_in(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield (dotted name, node) of every call, as far as names reach: `db().commit` is `.commit`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def dotted(node: ast.expr) -> str:
    """Return the dotted name of an expression; what is not a name stays empty."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imports_of(path: Path) -> Iterator[str]:
    """Yield the modules a file imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
