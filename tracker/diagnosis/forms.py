"""The form of a diagnosis."""

from wtforms import SelectField, StringField

from tracker.diagnosis.service import Subject
from tracker.web.forms import ChineseForm, at_most, chosen, required, stripped, without_nul


class DiagnosisForm(ChineseForm):
    """Who cannot see what."""

    user_id = SelectField("谁看不到", coerce=int, validators=[chosen("人员账号")])
    subject = SelectField(
        "看不到什么", choices=Subject.choices(), validators=[chosen("看不到什么")]
    )
    text = StringField(
        "编号、名称或地址",
        filters=[stripped],
        validators=[required("编号、名称或地址"), at_most(200), without_nul],
    )
