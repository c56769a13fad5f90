"""Input of the pages about reminders."""

from wtforms import HiddenField
from wtforms.validators import AnyOf

from tracker.web.forms import ChineseForm


class SwitchForm(ChineseForm):
    """The 推送总开关: on or off."""

    on = HiddenField(validators=[AnyOf(["1", "0"], message="请用页面上的按钮操作。")])
