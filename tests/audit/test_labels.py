"""Whatever the code records has a Chinese name on the page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.audit.actions_in_code import recorded_actions
from tests.source_files import calls_in, product_files
from tracker.audit.actions import ACTIONS
from tracker.audit.changes import EXEMPT
from tracker.audit.columns import COLUMNS
from tracker.audit.details import DETAILS
from tracker.audit.labels import TABLES, column_label, detail_label, value_label
from tracker.audit.masking import is_noted
from tracker.audit.service import table_of
from tracker.models import metadata

CHINESE = re.compile(r"[一-鿿]")


def test_every_recorded_action_has_a_chinese_name() -> None:
    """A new action needs one line in `tracker/audit/actions.py`."""
    names, unclear = recorded_actions()
    assert unclear == []
    assert len(names) > 80
    assert names - set(ACTIONS) == set()


def test_every_table_whose_rows_are_noted_has_a_chinese_name() -> None:
    assert set(metadata.tables) - set(EXEMPT) - set(TABLES) == set()


def shown_columns() -> dict[str, str]:
    """Return every column whose change the trail shows, with its label."""
    return {
        f"{table.name}.{column.name}": column_label(table.name, column.name)
        for table in metadata.sorted_tables
        if table.name not in EXEMPT
        for column in table.columns
        if column.name != "id" and is_noted(table.name, column.name)
    }


def test_every_column_that_a_change_can_show_has_a_chinese_name() -> None:
    """A new column needs one line in `tracker/audit/columns.py`."""
    labels = shown_columns()
    assert len(labels) > 500
    assert {name for name, label in labels.items() if not CHINESE.search(label)} == set()


def test_no_label_stands_for_a_column_that_is_gone() -> None:
    there = set(shown_columns())
    names = {name.partition(".")[2] for name in there}
    assert {name for name in COLUMNS if name not in (there if "." in name else names)} == set()
    assert list(COLUMNS) == sorted(COLUMNS)
    assert list(DETAILS) == sorted(DETAILS)


def details_in(path: Path) -> Iterator[ast.Dict]:
    """Yield what is given to the trail as `detail`, at once or by a variable of that name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg="detail", value=ast.Dict() as said):
                yield said
            case ast.Assign(targets=[ast.Name(id="detail")], value=ast.Dict() as said):
                yield said
            case ast.AnnAssign(target=ast.Name(id="detail"), value=ast.Dict() as said):
                yield said


def test_what_entries_say_besides_has_chinese_names() -> None:
    words = {
        str(key.value)
        for path in product_files()
        for said in details_in(path)
        for key in said.keys
        if isinstance(key, ast.Constant)
    }
    assert len(words) > 30
    assert {word for word in words if not CHINESE.search(detail_label(word))} == set()


def test_every_object_that_entries_name_is_a_table() -> None:
    kinds = {
        str(keyword.value.value)
        for path in product_files()
        for _, call in calls_in(path)
        for keyword in call.keywords
        if keyword.arg == "object_type" and isinstance(keyword.value, ast.Constant)
    }
    assert len(kinds) > 20
    assert {kind for kind in kinds if table_of(kind) is None} == set()


def test_values_of_an_enumeration_read_as_on_the_other_pages() -> None:
    assert value_label("tasks", "state", "office_review") == "待审核销号"
    assert value_label("tasks", "is_historic", True) == "是"
    assert value_label("tasks", "state", "of_a_newer_program") == "of_a_newer_program"
    assert value_label("tables_to_come", "state", None) == "—"
