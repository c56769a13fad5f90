"""Every name of an action that the code records, found by reading it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.source_files import dotted, imports_of, name_of, product_files, tree_of
from tracker.county_submissions.rules import SubmissionStep
from tracker.handover.queries.clues import CLUES_ON, DETAIL_ON
from tracker.handover.rules import AcknowledgeWay
from tracker.kernel.labels import LabelledEnum
from tracker.letters.rules.letters import LetterVerb
from tracker.letters.rules.visits import FindingOutcome
from tracker.organizations.rules import UnitChangeKind
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    DocumentEventKind,
    ExtensionState,
    RequestState,
    ReviewOutcome,
    WatchChangeKind,
)

OF_COMPLETION = (ReviewOutcome.CONFIRMED, ReviewOutcome.UNCONFIRMED)
# Names put together from an enumeration: how they begin → what follows.
FAMILIES: dict[str, Iterable[LabelledEnum]] = {
    "closure_": tuple(each for each in ReviewOutcome if each not in OF_COMPLETION),
    "completion_": OF_COMPLETION,
    "document_": DocumentEventKind,
    "extension_": ExtensionState,
    "letter_": LetterVerb,
    "long_term_": RequestState,
    "plan_": DocumentEventKind,
    "post_change_acknowledged_": AcknowledgeWay,
    "submission_": SubmissionStep,
    "task_": Verb,
    "unit_": UnitChangeKind,
    "visit_finding_": FindingOutcome,
    "watch_": WatchChangeKind,
}
# Names that begin with a word handed in: how they end → what stands before.
ENDINGS: dict[str, tuple[str, ...]] = {
    "_downloaded": ("dispatch", "interview", "letter", "letter_reply"),
    "_switched": (CLUES_ON, DETAIL_ON),
    "_voided": ("accountability", "interview"),
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
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        start = str(node.values[0].value)
        yield from (f"{start}{member.value}" for member in FAMILIES.get(start, ()))
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[-1], ast.Constant):
        end = str(node.values[-1].value)
        yield from (f"{word}{end}" for word in ENDINGS.get(end, ()))
    elif isinstance(node, ast.Name) and node.id.isupper():
        yield node.id.lower()
