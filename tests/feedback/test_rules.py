"""What an issue's edit may still change, and how tags are read."""

import pytest

from tracker.feedback.rules import IssueNature, check_issued_edit, check_units, split_tags
from tracker.kernel.errors import DomainError


def test_tags_are_split_at_any_usual_mark_and_stand_once() -> None:
    assert split_tags("民生、一把手, 民生；营商环境") == ("民生", "一把手", "营商环境")
    assert split_tags(" ") == ()


def test_only_a_common_issue_has_several_units() -> None:
    check_units(IssueNature.COMMON, 3)
    check_units(IssueNature.INDIVIDUAL, 1)
    with pytest.raises(DomainError, match="共性"):
        check_units(IssueNature.INDIVIDUAL, 2)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"removed": "市甲局"}, "市甲局的整改任务已下发"),
        ({"is_immediate": True}, "立行立改"),
        ({"renumbered": True}, "问题编号"),
    ],
)
def test_what_tasks_were_made_from_stays(change: dict[str, object], sentence: str) -> None:
    plain = {"removed": "", "was_immediate": False, "is_immediate": False, "renumbered": False}
    check_issued_edit(**plain)  # type: ignore[arg-type]
    with pytest.raises(DomainError, match=sentence):
        check_issued_edit(**(plain | change))  # type: ignore[arg-type]
