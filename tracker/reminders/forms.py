"""Input of the pages about reminders."""

from wtforms import DateField, HiddenField, SelectField, SubmitField, TextAreaField
from wtforms.validators import AnyOf

from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class SwitchForm(ChineseForm):
    """The 推送总开关: on or off."""

    on = HiddenField(validators=[AnyOf(["1", "0"], message="请用页面上的按钮操作。")])


class PauseForm(ChineseForm):
    """暂停提醒 of a unit."""

    unit = SelectField("单位", [chosen("单位")], coerce=int)
    from_on = DateField("开始日期", [chosen("开始日期")])
    to_on = DateField("结束日期", [chosen("结束日期")])
    reason = TextAreaField(
        "原因", [required("原因"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("暂停提醒")


class EndPauseForm(VersionedForm):
    """提前结束 of a pause."""

    reason = TextAreaField(
        "提前结束的原因", [required("原因"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("提前结束")
