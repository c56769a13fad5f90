"""Forms of figures that people enter, and of a round drafted from the planner."""

from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.rounds.forms import CODE
from tracker.rounds.rules import RoundKind
from tracker.statistics.rules import EnteredMetric
from tracker.web.forms import (
    ChineseForm,
    ManyField,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class EntryForm(ChineseForm):
    """One figure with its period and the document it was taken from."""

    metric = SelectField("指标", [chosen("指标")], choices=EnteredMetric.choices())
    period_start = DateField("期间起", [InputRequired(message="请填写期间起始日，如 2026-01-01。")])
    period_end = DateField("期间止", [InputRequired(message="请填写期间截止日，如 2026-06-30。")])
    value = DecimalField("数字", [InputRequired(message="请填写数字。")])
    source_document = StringField(
        "来源文件", [required("来源文件"), at_most(200), without_nul], filters=[stripped]
    )


class DraftRoundForm(ChineseForm):
    """A round put together from chosen units."""

    units = ManyField("巡察对象", coerce=int)
    seq = IntegerField(
        "轮次",
        [
            InputRequired(message="请填写轮次。"),
            NumberRange(1, 99, message="请填 1 至 99 的整数。"),
        ],
    )
    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    name = StringField("名称", [required("名称"), at_most(120), without_nul], filters=[stripped])
    kind = SelectField("巡察类型", [chosen("巡察类型")], choices=RoundKind.choices())
    theme = StringField("主题", [Optional(), at_most(200), without_nul], filters=[stripped])
    profile_id = SelectField("期限方案", [chosen("期限方案")], coerce=int)
