"""Forms of 县区报送."""

from decimal import Decimal
from typing import Any

from wtforms import DateField, DecimalField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.county_submissions.models import CountySubmission
from tracker.county_submissions.rules import Answer, Answers
from tracker.statistics.rules import EnteredMetric
from tracker.web.forms import (
    ChineseForm,
    ManyField,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

MOST = NumberRange(0, 99_999_999, message="请填 0 至 99999999 的整数。")


class CallForm(ChineseForm):
    """发出报送要求."""

    title = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])
    metrics = ManyField("要报送的数字", [chosen("要报送的数字")], choices=EnteredMetric.choices())
    period_start = DateField("期间起", [InputRequired(message="请填写期间起始日，如 2026-01-01。")])
    period_end = DateField("期间止", [InputRequired(message="请填写期间截止日，如 2026-06-30。")])
    due_on = DateField("报送时限", [InputRequired(message="请填写报送时限。")])
    note = TextAreaField("填报说明", [Optional(), at_most(2000), without_nul], filters=[stripped])
    submit = SubmitField("发出")


class ChangeCallForm(VersionedForm):
    """修改报送要求: its words and due date."""

    title = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])
    due_on = DateField("报送时限", [InputRequired(message="请填写报送时限。")])
    note = TextAreaField("填报说明", [Optional(), at_most(2000), without_nul], filters=[stripped])
    submit = SubmitField("保存")


class ReturnForm(VersionedForm):
    """退回, with what to correct."""

    reason = TextAreaField(
        "退回理由", [required("退回理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("退回")


class FillForm(VersionedForm):
    """填报. Its figures are fields `value_…` and `blank_…` of a subclass made for a call."""

    source_document = StringField(
        "数字来源", [required("数字来源"), at_most(200), without_nul], filters=[stripped]
    )
    submit = SubmitField("报送")


def fill_form(submission: CountySubmission) -> FillForm:
    """Return the form for the figures of one call, with what the county gave before."""
    given = {figure.metric: figure for figure in submission.figures}
    fields: dict[str, object] = {}
    values: dict[str, Any] = {"source_document": submission.source_document}
    for metric in submission.call.asked:
        fields[f"value_{metric.value}"] = DecimalField(
            metric.label, [Optional(), MOST], places=None
        )
        fields[f"blank_{metric.value}"] = StringField(
            f"{metric.label}：没有数字的原因",
            [Optional(), at_most(200), without_nul],
            filters=[stripped],
        )
        figure = given.get(metric.value)
        values[f"value_{metric.value}"] = figure and _whole(figure.value)
        values[f"blank_{metric.value}"] = figure.blank_reason if figure else ""
    made = type("SubmissionFillForm", (FillForm,), fields)
    form: FillForm = made(data=values)
    return form


def answers_in(form: FillForm, submission: CountySubmission) -> Answers:
    """Return what a form says of each figure asked for."""
    return {
        metric: Answer(
            value=form[f"value_{metric.value}"].data,
            blank_reason=form[f"blank_{metric.value}"].data or "",
        )
        for metric in submission.call.asked
    }


def _whole(value: Decimal | None) -> Decimal | None:
    """Return 30 for 30.0000."""
    return None if value is None else Decimal(f"{value.normalize():f}")
