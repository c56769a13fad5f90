"""Rules about the code, held by reading the code and walking the url map."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import BaseConverter, IntegerConverter, Rule

from tests.conftest import make_config
from tests.source_files import (
    ROOT,
    calls_in,
    dotted,
    imports_of,
    name_of,
    product_files,
    tree_of,
)
from tracker import create_app
from tracker.kernel.db import Database
from tracker.kernel.permissions import GRANTS, Permission
from tracker.web.access import access_of

TEMPLATES = ROOT / "templates"
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.json)?")
# Commits of their own, each short, each named in the house's rules on transactions.
COMMITS_ITSELF = {
    "tracker/people/signed_in.py": "the last visit is noted apart from the request",
    "tracker/notifications/delivery.py": "what is sent is frozen before the first byte leaves",
    "tracker/notifications/postman.py": "a message is marked before it is sent, its answer kept after",
    "tracker/web/submissions.py": "a form's reply is noted once the view has committed",
    "tracker/notifications/personal_trial.py": "a trial message is sent between two transactions",
    "tracker/notifications/trial.py": "a trial message is sent between two transactions",
}
ENTRYPOINTS = re.compile(r"(^|/)(views|api|cli)(/|\.py$)|^jobs/|^app\.py$|^tracker/wecom_sandbox/")
EDGE = re.compile(
    r"(^|/)(views|api|forms|cli)(/|\.py$)"
    r"|^tracker/(web|wecom_sandbox)/|^tracker/(__init__|rooms|people/signed_in)\.py$"
    r"|^jobs/(cli|context|one_process)\.py$|^app\.py$"
)
CLOCKS = ("tracker/kernel/clock.py", "tracker/wecom_sandbox/clock.py")
TIME_READERS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$"
)
# Granted, but their pages are not there yet. Empty before a release.
OF_ROOMS_TO_COME: set[Permission] = set()
SIZE_ALARM = 500


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as shipped, without a database behind it."""
    database = Database("sqlite://")
    folder = tmp_path_factory.mktemp("conventions") / "data"
    yield create_app(make_config("sqlite://", folder), store=database)
    database.dispose()


@pytest.fixture(scope="module")
def rules(whole_app: Flask) -> list[Rule]:
    return list(whole_app.url_map.iter_rules())


def converters(rule: Rule) -> dict[str, BaseConverter]:
    return rule._converters


def test_every_route_states_who_may_enter(whole_app: Flask, rules: list[Rule]) -> None:
    with whole_app.app_context():
        assert [rule.rule for rule in rules if access_of(rule.endpoint) is None] == []


def test_addresses_are_kebab_case(rules: list[Rule]) -> None:
    parts = [
        part
        for rule in rules
        for part in rule.rule.strip("/").split("/")
        if part and not part.startswith("<")
    ]
    assert [part for part in parts if not KEBAB.fullmatch(part)] == []


def test_ids_in_addresses_are_numbers(rules: list[Rule]) -> None:
    loose = [
        rule.rule
        for rule in rules
        for name, converter in converters(rule).items()
        if name.endswith("id") and not isinstance(converter, IntegerConverter)
    ]
    assert loose == []


def test_a_button_cannot_be_pressed_by_a_link(whole_app: Flask, rules: list[Rule]) -> None:
    adapter = whole_app.url_map.bind("localhost")
    for rule in rules:
        if "GET" not in (rule.methods or ()):
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            with pytest.raises(MethodNotAllowed):
                adapter.match(path, method="GET")


def test_a_view_that_takes_get_and_post_tells_them_apart(
    whole_app: Flask, rules: list[Rule]
) -> None:
    both = {rule.endpoint for rule in rules if {"GET", "POST"} <= (rule.methods or set())}
    careless = [
        endpoint
        for endpoint in both
        if not re.search(
            r"validate_on_submit|is_submitted|request\.method",
            source_with_helpers(whole_app.view_functions[endpoint]),
        )
    ]
    assert careless == []


def source_with_helpers(view: Callable[..., object]) -> str:
    """Return the source of a view and of the functions that its module knows and it calls."""
    source = inspect.getsource(view)
    there = vars(inspect.getmodule(view))
    names = [name for name in re.findall(r"\b(\w+)\(", source) if name in there]
    helpers = [there[name] for name in names if inspect.isfunction(there[name])]
    return source + "".join(inspect.getsource(helper) for helper in helpers)


def test_a_page_has_the_template_of_its_endpoints_name(whole_app: Flask, rules: list[Rule]) -> None:
    """Whatever renders; downloads, redirects and JSON do not."""
    pages = {
        rule.endpoint
        for rule in rules
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
        if "render_template" in source_with_helpers(whole_app.view_functions[rule.endpoint])
    }
    assert len(pages) > 30
    assert {page for page in pages if not (TEMPLATES / template_of(page)).is_file()} == set()


def template_of(endpoint: str) -> str:
    return endpoint.replace(".", "/") + ".html"


def test_every_template_named_in_code_exists() -> None:
    named = set(templates_named_in_code())
    assert {name for name in named if not (TEMPLATES / name).is_file()} == set()


def templates_named_in_code() -> Iterator[str]:
    for path in product_files():
        if "wecom_sandbox" in name_of(path):
            continue  # it brings its own
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and re.fullmatch(r"[\w/]+\.html", str(node.value)):
                yield str(node.value)


def test_no_template_of_a_room_lies_unused(rules: list[Rule]) -> None:
    used = set(templates_named_in_code()) | {template_of(rule.endpoint) for rule in rules}
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        used |= set(re.findall(r"""\{% (?:extends|include|from|import) ["']([^"']+)["']""", text))
    rooms = {name.split("/")[0] for name in templates_named_in_code()}
    lying = [
        path.relative_to(TEMPLATES).as_posix()
        for room in rooms
        for path in (TEMPLATES / room).rglob("*.html")
    ]
    assert sorted(set(lying) - used) == []


def test_only_entrypoints_commit() -> None:
    committing = {
        name_of(path)
        for path in product_files()
        for name, _ in calls_in(path)
        if name.endswith(".commit")
    }
    strangers = {name for name in committing if not ENTRYPOINTS.search(name)}
    assert strangers == set(COMMITS_ITSELF)


def test_nobody_but_the_clock_reads_the_time() -> None:
    readers = {
        (name_of(path), dotted(node))
        for path in product_files()
        if name_of(path) not in CLOCKS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and TIME_READERS.search(dotted(node))
    }
    assert readers == set()


def test_now_and_today_are_given_by_name() -> None:
    """Unless the function is about that very day or instant: then it comes first."""
    positional = [
        f"{name_of(path)}:{node.lineno} {node.name}({argument})"
        for path in product_files()
        if name_of(path).startswith("tracker/") and "wecom_sandbox" not in name_of(path)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        for argument in positionals(node)[1:]
        if argument in ("now", "today")
    ]
    assert positional == []


def positionals(function: ast.FunctionDef) -> list[str]:
    every = [*function.args.posonlyargs, *function.args.args]
    return [each.arg for each in every if each.arg not in ("self", "cls")]


def test_flask_stands_at_the_edge_only() -> None:
    inside = {
        name_of(path)
        for path in product_files()
        if not EDGE.search(name_of(path))
        for module in imports_of(path)
        if re.match(r"(flask|flask_\w+|wtforms|werkzeug)(\.|$)", module)
    }
    assert inside == set()


def test_every_granted_permission_opens_something() -> None:
    named = {
        node.attr
        for path in product_files()
        if name_of(path) != "tracker/kernel/permissions.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and dotted(node.value) in ("Permission", "P")
    }
    idle = {permission for permission in Permission if permission.name not in named}
    assert idle == OF_ROOMS_TO_COME


def test_every_permission_is_granted_to_somebody_and_stands_in_order() -> None:
    assert set().union(*GRANTS.values()) == set(Permission)
    assert [permission.name for permission in Permission] == sorted(Permission.__members__)


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [name_of(path) for path in product_files() if path.name in drawers] == []


@pytest.mark.parametrize("folder", ["tracker", "jobs", "tests", "templates"])
def test_no_file_is_longer_than_the_alarm(folder: str) -> None:
    kinds = {".py", ".html", ".css", ".js"}
    long = [
        (name_of(path), lines)
        for path in (ROOT / folder).rglob("*")
        if path.suffix in kinds and "vendor" not in path.parts
        if (lines := len(path.read_text("utf-8").splitlines())) > SIZE_ALARM
    ]
    assert long == []


def test_the_scan_sees_the_product() -> None:
    """A scan that found no files would pass every test above."""
    names = {name_of(path) for path in product_files()}
    assert {"app.py", "tracker/rounds/views/rounds.py", "jobs/__init__.py"} <= names
    assert Path("tracker/kernel/clock.py").as_posix() in names
    clock = ROOT / "tracker/kernel/clock.py"
    found = [dotted(node) for node in ast.walk(tree_of(clock)) if isinstance(node, ast.Attribute)]
    assert any(TIME_READERS.search(name) for name in found)
