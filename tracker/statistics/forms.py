"""Forms of figures that people enter."""

from wtforms import DateField, DecimalField, SelectField, StringField
from wtforms.validators import InputRequired

from tracker.statistics.rules import EnteredMetric
from tracker.web.forms import ChineseForm, at_most, chosen, required, stripped, without_nul


class EntryForm(ChineseForm):
    """One figure with its period and the document it was taken from."""

    metric = SelectField("指标", [chosen("指标")], choices=EnteredMetric.choices())
    period_start = DateField("期间起", [InputRequired(message="请填写期间起始日，如 2026-01-01。")])
    period_end = DateField("期间止", [InputRequired(message="请填写期间截止日，如 2026-06-30。")])
    value = DecimalField("数字", [InputRequired(message="请填写数字。")])
    source_document = StringField(
        "来源文件", [required("来源文件"), at_most(200), without_nul], filters=[stripped]
    )
