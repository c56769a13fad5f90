"""Forms of interviews and accountability."""

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Optional

from tracker.web.forms import (
    ManyField,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class InterviewForm(VersionedForm):
    """登记约谈."""

    person_name = StringField(
        "被约谈人", [required("被约谈人"), at_most(60), without_nul], filters=[stripped]
    )
    post_title = StringField(
        "职务", [required("职务"), at_most(60), without_nul], filters=[stripped]
    )
    is_head = BooleanField("是党组织主要负责人（一把手）")
    held_on = DateField("约谈日期", [chosen("约谈日期")])
    interviewer = StringField(
        "约谈人", [required("约谈人"), at_most(120), without_nul], filters=[stripped]
    )
    reason = TextAreaField(
        "约谈事由", [required("约谈事由"), at_most(2000), without_nul], filters=[stripped]
    )
    text = TextAreaField("谈话记录", [Optional(), at_most(20000), without_nul], filters=[stripped])
    file = FileField("附件")
    is_confirmed_not_secret = BooleanField("我确认内容和附件不涉密")
    tasks = ManyField("涉及的整改任务", coerce=int)
    issues = ManyField("涉及的反馈问题", coerce=int)
    submit = SubmitField("保存")


class AccountabilityForm(VersionedForm):
    """登记问责: of an organisation or of a person; the page is for one of them."""

    name = StringField(
        "问责对象", [required("问责对象"), at_most(60), without_nul], filters=[stripped]
    )
    post_title = StringField("职务", [Optional(), at_most(60), without_nul], filters=[stripped])
    form_code = SelectField("问责方式", [chosen("问责方式")])
    decided_on = DateField("决定日期", [chosen("决定日期")])
    basis = TextAreaField(
        "问责依据和事由",
        [required("问责依据和事由"), at_most(2000), without_nul],
        filters=[stripped],
    )
    document_no = StringField(
        "决定文号", [Optional(), at_most(120), without_nul], filters=[stripped]
    )
    tasks = ManyField("涉及的整改任务", coerce=int)
    submit = SubmitField("保存")


class VoidForm(VersionedForm):
    """作废 a record."""

    reason = TextAreaField(
        "作废理由", [required("作废理由"), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("作废")
