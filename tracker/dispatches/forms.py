"""Forms of 报送登记."""

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Optional

from tracker.web.forms import VersionedForm, at_most, required, stripped, without_nul


class DispatchWordsForm(VersionedForm):
    """What was sent to whom; what is sent stands beside it already."""

    subject = StringField(
        "报送内容", [required("报送内容"), at_most(120), without_nul], filters=[stripped]
    )
    addressee = StringField(
        "报送对象", [required("报送对象"), at_most(120), without_nul], filters=[stripped]
    )
    doc_no = StringField("文号", [Optional(), at_most(80), without_nul], filters=[stripped])
    sent_on = DateField("报送日期", [InputRequired(message="请填写报送日期，如 2026-11-16。")])
    note = TextAreaField("备注", [Optional(), at_most(2000), without_nul], filters=[stripped])
    is_confirmed_not_secret = BooleanField("我确认内容和文件不涉密")
    submit = SubmitField("保存")


class DispatchForm(DispatchWordsForm):
    """登记报送."""

    as_of = DateField("数据截至日", [Optional()])
    file = FileField("报送的文件")


class VoidDispatchForm(VersionedForm):
    """作废."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("作废")
