"""Every name of an action that the code records, found by reading it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.source_files import dotted, imports_of, name_of, product_files, tree_of
from tracker.handover.queries.clues import CLUES_ON, DETAIL_ON
from tracker.handover.rules import AcknowledgeWay
from tracker.letters.rules.letters import LetterVerb
from tracker.letters.rules.visits import FindingOutcome
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    ExtensionState,
    RequestState,
    ReviewOutcome,
    WatchChangeKind,
)

# Names put together: how they begin or end → what is put in.
FAMILIES: dict[str, Iterable[str]] = {
    "_downloaded": ("interview", "letter", "letter_reply"),
    "_switched": (CLUES_ON, DETAIL_ON),
    "_voided": ("accountability", "interview"),
    "closure_": (ReviewOutcome.COSIGNED, ReviewOutcome.OBJECTED),
    "completion_": (ReviewOutcome.CONFIRMED, ReviewOutcome.UNCONFIRMED),
    "extension_": ExtensionState,
    "letter_": LetterVerb,
    "long_term_": RequestState,
    "plan_": DocumentEventKind,
    "post_change_acknowledged_": AcknowledgeWay,
    "task_": Verb,
    "visit_finding_": FindingOutcome,
    "watch_": WatchChangeKind,
}


def recorded_actions() -> tuple[set[str], list[str]]:
    """Return the names, and the places whose name this reader cannot make out."""
    names, unclear = set(), []
    for path in product_files():
        if "tracker.audit.service" not in set(imports_of(path)) | _imported_names(path):
            continue
        for node in _actions_given(path):
            found = set(_texts(node))
            names |= found
            if not found:
                unclear.append(f"{name_of(path)}:{node.lineno}")
    return names, unclear


def _imported_names(path: Path) -> set[str]:
    return {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _actions_given(path: Path) -> Iterator[ast.expr]:
    """Yield what each call of `record`, and of a function that hands `action` on to it, names."""
    places = {"record": 1, "audit.record": 1} | {
        node.name: [argument.arg for argument in node.args.args].index("action")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        if "action" in [argument.arg for argument in node.args.args]
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and dotted(node.func) in places:
            given = {word.arg: word.value for word in node.keywords}
            place = places[dotted(node.func)]
            action = given.get("action") or node.args[place]
            if not (isinstance(action, ast.Name) and action.id == "action"):
                yield action


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        first, last = (getattr(node.values[place], "value", None) for place in (0, -1))
        yield from (f"{first}{member}" for member in FAMILIES.get(str(first), ()))
        yield from (f"{member}{last}" for member in FAMILIES.get(str(last), ()))
    elif isinstance(node, ast.Name) and node.id.isupper():
        yield node.id.lower()
