"""Forms of 整改抽查复核."""

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from tracker.letters.rules.sampling import SizeKind
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

SEED = Regexp(r"^[0-9A-Za-z-]{1,64}$", message="种子用 1 至 64 个数字、字母或短横线。")


class DrawForm(ChineseForm):
    """抽取."""

    round_id = SelectField("轮次", coerce=int)
    closed_from = DateField("销号日期从", [chosen("起始日期")])
    closed_to = DateField("销号日期至", [chosen("截止日期")])
    with_historic = BooleanField("包括历史导入的已销号任务")
    size_kind = SelectField("抽取方式", [chosen("抽取方式")], choices=SizeKind.choices())
    size_value = IntegerField(
        "数量",
        [
            InputRequired(message="请填写数量。"),
            NumberRange(1, 10000, message="请填 1 至 10000 的整数。"),
        ],
    )
    seed = StringField("随机种子", [Optional(), SEED], filters=[stripped])
    submit = SubmitField("抽取")


class OutcomeForm(VersionedForm):
    """登记核查结果."""

    outcome = SelectField(
        "核查结果", [chosen("核查结果")], choices={"": "请选择", **CheckOutcome.choices()}
    )
    findings = TextAreaField(
        "核查情况", [Optional(), at_most(5000), without_nul], filters=[stripped]
    )
    checked_on = DateField("核查日期", [chosen("核查日期")])
    checked_with = StringField(
        "参与核查人员", [Optional(), at_most(200), without_nul], filters=[stripped]
    )
    proposes_reopening = BooleanField("建议重新整改")
    why_changed = TextAreaField(
        "更改理由", [Optional(), at_most(500), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存结果")


class ReopenFailedForm(VersionedForm):
    """重新整改 after a spot check."""

    new_due = DateField("新的整改时限", [chosen("新的整改时限")])
    words = TextAreaField("补充说明", [Optional(), at_most(1000), without_nul], filters=[stripped])
    submit = SubmitField("重新整改")


class QuestionsForm(VersionedForm):
    """核查要点."""

    questions = TextAreaField(
        "核查要点（一行一条）", [required("核查要点"), at_most(3000), without_nul]
    )
    submit = SubmitField("保存")
