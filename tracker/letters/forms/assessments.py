"""Forms of 整改评估."""

from decimal import Decimal

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation

from tracker.letters.models.assessments import Assessment
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

OF_100 = NumberRange(0, 100, message="请填 0 至 100 的数。")


def two_places(_form: object, field: DecimalField) -> None:
    """Refuse what the database could not keep exactly, before anything reckons with it."""
    value = field.data
    if value is None:
        return
    if not value.is_finite() or int(value.normalize().as_tuple().exponent) < -2:
        raise StopValidation("请填 0 至 100 的数，最多两位小数。")


class TemplateForm(VersionedForm):
    """评估表."""

    name = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])
    items = TextAreaField("评估指标和权重", [required("评估指标"), at_most(3000), without_nul])
    survey_weight = DecimalField(
        "满意度测评的权重",
        [InputRequired(message="请填写权重，不测评的填 0。"), two_places, OF_100],
        places=None,
    )
    options = TextAreaField("满意度测评的选项和分值", [Optional(), at_most(3000), without_nul])
    is_active = BooleanField("在用", default=True)
    submit = SubmitField("保存")


class GradesForm(VersionedForm):
    """等次."""

    grades = TextAreaField("评估等次", [required("评估等次"), at_most(3000), without_nul])
    submit = SubmitField("保存")


class BeginForm(ChineseForm):
    """新的评估."""

    feedback_id = SelectField("反馈", [chosen("反馈")], coerce=int)
    unit_id = SelectField("单位", [chosen("单位")], coerce=int)
    template_id = SelectField("评估表", [chosen("评估表")], coerce=int)
    assessed_on = DateField("评估日期", [chosen("评估日期")])
    submit = SubmitField("开始评分")


class ScoringForm(VersionedForm):
    """评分. Its items and votes are fields `score_1`…, `vote_1`… of a subclass made for a sheet."""

    text = TextAreaField("评估意见", [Optional(), at_most(5000), without_nul], filters=[stripped])
    reason = TextAreaField("更正理由", [Optional(), at_most(1000), without_nul], filters=[stripped])
    submit = SubmitField("保存评分")


def scoring_form(assessment: Assessment) -> ScoringForm:
    """Return the form for the items and options of one assessment, with what is kept."""
    fields: dict[str, object] = {}
    values: dict[str, object] = {"text": assessment.text}
    for row in assessment.scores:
        label = f"{row.name}（权重 {row.weight.normalize():f}）"
        fields[f"score_{row.seq}"] = DecimalField(
            label, [Optional(), two_places, OF_100], places=None
        )
        values[f"score_{row.seq}"] = row.score and _short(row.score)
    for vote in assessment.votes:
        label = f"{vote.name}（{'不计入有效票' if vote.value is None else f'{vote.value.normalize():f} 分'}）"
        fields[f"vote_{vote.seq}"] = IntegerField(
            label, [Optional(), NumberRange(0, 999999, message="请填 0 至 999999 的整数。")]
        )
        values[f"vote_{vote.seq}"] = vote.amount
    made = type("AssessmentScoringForm", (ScoringForm,), fields)
    form: ScoringForm = made(data=values)
    return form


def _short(value: Decimal) -> Decimal:
    """Return 70 for 70.00; a whole ten stays 70, not 7E+1."""
    return Decimal(f"{value.normalize():f}")


def scores_in(form: ScoringForm, assessment: Assessment) -> list[Decimal | None]:
    """Return the scores of a form in the order of the sheet."""
    return [form[f"score_{row.seq}"].data for row in assessment.scores]


def votes_in(form: ScoringForm, assessment: Assessment) -> list[int]:
    """Return the votes of a form in the order of the sheet; a blank one is nought."""
    return [form[f"vote_{vote.seq}"].data or 0 for vote in assessment.votes]
