"""The form of the import wizard."""

from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectField, StringField, SubmitField
from wtforms.validators import Optional

from tracker.web.forms import ChineseForm, at_most, chosen, stripped, without_nul


class ImportForm(ChineseForm):
    """Which file goes into which round, read against which feedback date."""

    round_id = SelectField("巡察轮次", [chosen("巡察轮次")], coerce=int)
    fed_back_on = DateField("反馈日期", [Optional()])
    unit = StringField("被巡察单位", [Optional(), at_most(120), without_nul], filters=[stripped])
    file = FileField("台账文件", [FileRequired(message="请选择台账文件。")])
    submit = SubmitField("读取并预览")
