"""The form that the style guide shows: one field of every kind, some of them filled in wrongly."""

from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from tracker.web.forms import ChineseForm


class SampleForm(ChineseForm):
    """One field of every kind that pages use."""

    class Meta(ChineseForm.Meta):
        """The token comes from the form's shell."""

        csrf = False

    title = StringField("任务名称", [InputRequired("请填写任务名称。")])
    kind = SelectField("整改类型", choices={"dated": "限期", "immediate": "立行立改"})
    due_on = DateField("整改时限", [InputRequired("请选择整改时限，格式如 2026-12-31。")])
    count = IntegerField("建立制度（项）")
    progress = TextAreaField("进展情况", [InputRequired("请填写进展。"), Length(max=2000)])
    klass = RadioField(
        "完成情况",
        [InputRequired("请选择完成情况。")],
        choices={"done": "已完成", "partly": "取得阶段性成效", "open": "未完成"},
    )
    evidence = FileField("佐证材料")
    password = PasswordField("当前密码")
    not_secret = BooleanField("我确认上传的材料不含涉密信息")


def sample_form(*, checked: bool) -> SampleForm:
    """Return the form as it first appears, or (checked) as it comes back with three errors."""
    sent = MultiDict({"title": "", "kind": "dated", "due_on": "", "progress": "已召开专题会议。"})
    form = SampleForm(formdata=sent if checked else None)
    if checked:
        form.validate()
    return form
