"""Whatever the code records has a Chinese name on the page."""

from tests.audit.actions_in_code import recorded_actions
from tracker.audit.actions import ACTIONS
from tracker.audit.changes import EXEMPT
from tracker.audit.labels import TABLES
from tracker.models import metadata


def test_every_recorded_action_has_a_chinese_name() -> None:
    """A new action needs one line in `tracker/audit/actions.py`."""
    names, unclear = recorded_actions()
    assert unclear == []
    assert len(names) > 80
    assert names - set(ACTIONS) == set()


def test_every_table_whose_rows_are_noted_has_a_chinese_name() -> None:
    assert set(metadata.tables) - set(EXEMPT) - set(TABLES) == set()
