"""A kept form speaks the form's own words."""

from tracker.feedback.forms import IssueForm
from tracker.rectification.forms import ProgressForm
from tracker.web.kept_fields import readable

FORMS = (IssueForm, ProgressForm)  # both have a field `text`, under different labels


def test_a_name_that_two_forms_share_gets_the_label_of_the_form_that_was_sent() -> None:
    progress = {each.name: each for each in readable([("text", "已完成"), ("next_step", "继续")])}
    issue = {each.name: each for each in readable([("text", "问题"), ("cause", "原因")])}
    assert (progress["text"].label, issue["text"].label) == ("整改进展", "反馈问题")
    assert progress["text"].kind == "long"


def test_choices_are_told_in_words_and_technical_fields_hidden() -> None:
    fields = readable(
        [("text", "x"), ("completion", "partly"), ("version", "3"), ("measures", "7"), ("odd", "y")]
    )
    kinds = {each.name: each.kind for each in fields}
    assert kinds == {
        "text": "long",
        "completion": "told",
        "version": "hidden",
        "measures": "hidden",
        "odd": "hidden",
    }
    assert fields[1].words == "取得阶段性成效"


def test_a_remark_on_an_item_of_a_plan_can_still_be_edited() -> None:
    remark = readable([("reason", "不实"), ("remark-12", "措施不具体")])[1]
    assert (remark.kind, remark.label) == ("long", "对这一项的意见")
