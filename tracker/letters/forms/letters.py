"""Forms of letters."""

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.web.forms import ManyField, VersionedForm, at_most, required, stripped, without_nul


class LetterForm(VersionedForm):
    """拟稿."""

    title = StringField("标题", [required("标题"), at_most(200), without_nul], filters=[stripped])
    body = TextAreaField(
        "正文", [required("正文"), at_most(20000), without_nul], filters=[stripped]
    )
    needs_reply = BooleanField("要求书面回复")
    reply_due = DateField("回复时限", [Optional()])
    tasks = ManyField("涉及的整改任务", coerce=int)
    issues = ManyField("涉及的反馈问题", coerce=int)
    submit = SubmitField("保存拟稿")


class LetterReasonForm(VersionedForm):
    """作废, 退回回复: a button that needs a reason."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("确定")


class LetterReplyForm(VersionedForm):
    """回复."""

    text = TextAreaField(
        "回复内容", [required("回复内容"), at_most(20000), without_nul], filters=[stripped]
    )
    file = FileField("附件")
    is_confirmed_not_secret = BooleanField("我确认内容和附件不涉密")
    submit = SubmitField("提交回复")


class LetterKindForm(VersionedForm):
    """A kind of letter."""

    label = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])
    organ_code = StringField(
        "机关代字", [required("机关代字"), at_most(40), without_nul], filters=[stripped]
    )
    organ_name = StringField(
        "落款机关", [Optional(), at_most(120), without_nul], filters=[stripped]
    )
    needs_reply = BooleanField("一般要求书面回复")
    reply_days = IntegerField(
        "回复期限（自然日）",
        [
            InputRequired(message="请填写回复期限。"),
            NumberRange(1, 365, message="请填 1 至 365 的整数。"),
        ],
    )
    is_active = BooleanField("启用")
    submit = SubmitField("保存")
