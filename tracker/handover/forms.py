"""Forms of clues, advice and changes of post."""

from flask_wtf.file import FileField
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.handover.rules import OUTCOMES, Adoption, ClueDirection, ClueKind, Disposal
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

CODE = Regexp(r"^[A-Za-z0-9._-]{1,40}$", message="编号用 1 至 40 个字母、数字、点、横线或下划线。")
MOST = 99999


def _amount(label: str, low: int) -> IntegerField:
    return IntegerField(
        label,
        [
            InputRequired(message=f"请填写{label}。"),
            NumberRange(low, MOST, message=f"请填 {low} 至 {MOST} 的整数。"),
        ],
    )


class PostChangeForm(ChineseForm):
    """人员变动."""

    name = StringField(
        "接任的人", [required("接任的人"), at_most(60), without_nul], filters=[stripped]
    )
    mobile = StringField(
        "接任的人手机号",
        [Optional(), Regexp(r"^1\d{10}$", message="手机号应为 11 位数字。")],
        filters=[stripped],
    )
    effective_on = DateField("变动日期（接任第一天）", [chosen("变动日期")])
    note = StringField("依据", [Optional(), at_most(400), without_nul], filters=[stripped])
    submit = SubmitField("登记变动")


class ConfirmChangeForm(VersionedForm):
    """确认交接: duties that stay with the leaving person are ticked."""

    kept = SelectMultipleField(
        "仍由离任的人负责",
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    submit = SubmitField("确认交接")


class PaperReceiptForm(VersionedForm):
    """纸质签收代录."""

    acknowledged_on = DateField("签收日期", [chosen("签收日期")])
    file = FileField("签收单扫描件")
    submit = SubmitField("登记签收")


class FeedbackAgainForm(VersionedForm):
    """再反馈."""

    given_on = DateField("再反馈日期", [chosen("再反馈日期")])
    submit = SubmitField("登记再反馈")


class ReceiveForm(VersionedForm):
    """已知悉并接收."""

    submit = SubmitField("已知悉并接收")


class VoidForm(VersionedForm):
    """作废 of what was entered by mistake."""

    reason = TextAreaField(
        "作废理由", [required("作废理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("作废")


class AdviceForm(VersionedForm):
    """意见建议."""

    addressee = StringField(
        "接受部门", [required("接受部门"), at_most(120), without_nul], filters=[stripped]
    )
    unit_id = SelectField("对应单位", coerce=int)
    round_id = SelectField("巡察轮次", coerce=int)
    inspection_id = SelectField("来自哪个单位的巡察", coerce=int)
    text = TextAreaField(
        "意见建议", [required("意见建议"), at_most(20000), without_nul], filters=[stripped]
    )
    issued_on = DateField("提出（转送）日期", [chosen("提出日期")])
    reply_due = DateField("请于何时前回复", [Optional()])
    submit = SubmitField("保存")


class AdviceAnswerForm(VersionedForm):
    """采纳情况."""

    adoption = SelectField("采纳情况", [chosen("采纳情况")], choices=Adoption.choices())
    answer_text = TextAreaField(
        "回复内容", [required("回复内容"), at_most(20000), without_nul], filters=[stripped]
    )
    answered_on = DateField("回复日期", [chosen("回复日期")])
    submit = SubmitField("保存")


class ClueForm(VersionedForm):
    """移交或接收 of clues: numbers only."""

    code = StringField("登记编号", [required("登记编号"), CODE], filters=[stripped])
    direction = SelectField("方向", [chosen("方向")], choices=ClueDirection.choices())
    kind = SelectField("类别", [chosen("类别")], choices=ClueKind.choices())
    amount = _amount("件数", 1)
    counterpart = StringField(
        "移交给（来自）哪个机关",
        [required("机关名称"), at_most(120), without_nul],
        filters=[stripped],
    )
    moved_on = DateField("移交（接收）日期", [chosen("移交（接收）日期")])
    round_id = SelectField("巡察轮次（移出必选）", coerce=int)
    inspection_id = SelectField("来自哪个单位的巡察", coerce=int)
    feedback_id = SelectField("上级反馈（接收必选）", coerce=int)
    submit = SubmitField("保存")


def _correction_reason() -> StringField:
    return StringField("更正理由", [Optional(), at_most(200), without_nul], filters=[stripped])


class EditClueForm(ClueForm):
    """修改 of an entry: a reason where the figures change."""

    reason = _correction_reason()


class ClueReplyForm(VersionedForm):
    """回复."""

    replied_on = DateField("回复日期", [chosen("回复日期")])
    disposal = SelectField("处置方式", [chosen("处置方式")], choices=Disposal.choices())
    reason = _correction_reason()
    submit = SubmitField("保存")


class OutcomeForm(ChineseForm):
    """办结、立案、处分: a number and its day."""

    measure = SelectField(
        "登记什么", [chosen("登记什么")], choices={each.value: each.label for each in OUTCOMES}
    )
    amount = _amount("数量", 1)
    occurred_on = DateField("发生日期", [chosen("发生日期")])
    source_document = StringField(
        "依据", [Optional(), at_most(200), without_nul], filters=[stripped]
    )
    submit = SubmitField("登记")


class FoundForm(ChineseForm):
    """发现: a number of clues that a round came upon."""

    kind = SelectField("类别", [chosen("类别")], choices=ClueKind.choices())
    amount = _amount("件数", 1)
    occurred_on = DateField("发现日期", [chosen("发现日期")])
    round_id = SelectField("巡察轮次", [chosen("巡察轮次")], coerce=int)
    inspection_id = SelectField("来自哪个单位的巡察", coerce=int)
    source_document = StringField(
        "依据", [Optional(), at_most(200), without_nul], filters=[stripped]
    )
    submit = SubmitField("登记")


class CorrectionForm(VersionedForm):
    """更正 of a number."""

    amount = _amount("更正为", 0)
    occurred_on = DateField("发生日期", [chosen("发生日期")])
    reason = StringField(
        "更正理由", [required("更正理由"), at_most(200), without_nul], filters=[stripped]
    )
    submit = SubmitField("更正")


class ClueDetailForm(VersionedForm):
    """What a clue says; sealed before it is stored."""

    text = TextAreaField(
        "内容", [required("内容"), at_most(10000), without_nul], filters=[stripped]
    )
    persons = TextAreaField(
        "涉及人员", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")


class ClueGrantForm(ChineseForm):
    """授权 of one person."""

    user_id = SelectField("授权给谁", [chosen("授权给谁")], coerce=int)
    from_on = DateField("自", [chosen("开始日期")])
    to_on = DateField("至（含）", [chosen("结束日期")])
    reason = StringField("理由", [required("理由"), at_most(400), without_nul], filters=[stripped])
    submit = SubmitField("授权")
