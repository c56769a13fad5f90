"""Forms of feedback and issues."""

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.feedback.rules import (
    FeedbackSource,
    Importance,
    IssueNature,
    Sensitivity,
    Verdict,
)
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

CODE = Regexp(r"^[A-Za-z0-9._-]{1,40}$", message="代码用 1 至 40 个字母、数字、点、横线或下划线。")
LONG = [Optional(), at_most(20000), without_nul]


class FeedbackForm(VersionedForm):
    """反馈."""

    title = StringField("标题", [required("标题"), at_most(200), without_nul], filters=[stripped])
    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    source = SelectField("反馈来源", [chosen("反馈来源")], choices=FeedbackSource.choices())
    profile_id = SelectField("期限方案", [chosen("期限方案")], coerce=int)
    submit = SubmitField("保存")


class NewFeedbackForm(FeedbackForm):
    """A feedback that may have been given already."""

    fed_back_on = DateField("反馈日期", [Optional()])


class FeedbackDateForm(VersionedForm):
    """反馈日期."""

    fed_back_on = DateField("反馈日期", [chosen("反馈日期")])
    submit = SubmitField("保存")


class ReceiptForm(VersionedForm):
    """签收."""

    acknowledged_on = DateField("签收日期", [chosen("签收日期")])
    submit = SubmitField("登记签收")


class IssueForm(VersionedForm):
    """反馈问题."""

    issue_no = StringField(
        "问题编号", [required("问题编号"), at_most(40), without_nul], filters=[stripped]
    )
    nature = SelectField("问题性质", [chosen("问题性质")], choices=IssueNature.choices())
    unit_ids = SelectMultipleField("责任单位", coerce=int)
    cat_l1 = StringField("一级类别", [Optional(), at_most(120), without_nul], filters=[stripped])
    cat_l2 = StringField("二级类别", [Optional(), at_most(120), without_nul], filters=[stripped])
    text = TextAreaField(
        "反馈问题", [required("反馈问题"), at_most(20000), without_nul], filters=[stripped]
    )
    detail = TextAreaField("具体表现", LONG, filters=[stripped])
    cause = TextAreaField("原因分析", LONG, filters=[stripped])
    is_immediate = BooleanField("立行立改（不等反馈，下发时填写时限）")
    raised_on = DateField("提出日期", [Optional()])
    importance = SelectField(
        "重要程度", [chosen("重要程度")], choices=Importance.choices(), default=Importance.NORMAL
    )
    sensitivity = SelectField(
        "敏感程度",
        [chosen("敏感程度")],
        choices=Sensitivity.choices(),
        default=Sensitivity.INTERNAL,
    )
    tags = StringField("标签", [Optional(), at_most(400), without_nul], filters=[stripped])
    repeats_issue_id = SelectField("重复发生的上轮问题", coerce=int, default=0)
    submit = SubmitField("保存")


class VerdictForm(VersionedForm):
    """“回头看”评定."""

    verdict = RadioField("评定", [chosen("评定")], choices=Verdict.choices())
    text = TextAreaField("发现的情况", LONG, filters=[stripped])
    judged_on = DateField("评定日期", [chosen("评定日期")])
    submit = SubmitField("保存")


class FollowUpForm(ChineseForm):
    """重新整改 of a former issue's tasks."""

    task_ids = SelectMultipleField(
        "重新整改哪些任务",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    reason = TextAreaField(
        "理由", [required("理由"), at_most(2000), without_nul], filters=[stripped]
    )
    new_due = DateField("新的整改时限", [chosen("新的整改时限")])
    submit = SubmitField("重新整改")
