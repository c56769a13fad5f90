"""Forms of 督查记录."""

from wtforms import (
    DateField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Optional

from tracker.web.forms import (
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class VisitForm(VersionedForm):
    """督查."""

    visited_on = DateField("督查日期", [chosen("督查日期")])
    leader = StringField(
        "带队领导", [required("带队领导"), at_most(60), without_nul], filters=[stripped]
    )
    members = StringField("参加人员", [Optional(), at_most(400), without_nul], filters=[stripped])
    unit_ids = SelectMultipleField("督查单位", [required("督查单位")], coerce=int)
    text = TextAreaField(
        "督查情况", [required("督查情况"), at_most(20000), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")


class FindingForm(VersionedForm):
    """督查意见."""

    unit_id = SelectField("单位", [chosen("单位")], coerce=int)
    task_no = StringField("任务编号", [Optional(), at_most(60), without_nul], filters=[stripped])
    text = TextAreaField(
        "督查意见", [required("督查意见"), at_most(5000), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")


class FindingReturnForm(VersionedForm):
    """退回整改 from a visit."""

    reason = TextAreaField(
        "退回理由", [required("退回理由"), at_most(2000), without_nul], filters=[stripped]
    )
    supplement = TextAreaField(
        "需要补充的内容",
        [required("需要补充的内容"), at_most(2000), without_nul],
        filters=[stripped],
    )
    submit = SubmitField("退回整改")


class FindingReopenForm(VersionedForm):
    """重新整改 from a visit."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(2000), without_nul], filters=[stripped]
    )
    new_due = DateField("新的整改时限", [chosen("新的整改时限")])
    submit = SubmitField("重新整改")


class FindingTaskForm(VersionedForm):
    """新任务 from a visit."""

    issue_id = SelectField("所属问题", [chosen("所属问题")], coerce=int)
    goal = TextAreaField("整改目标", [Optional(), at_most(2000), without_nul], filters=[stripped])
    submit = SubmitField("形成新任务")
