"""Forms of terms, profiles, rounds, inspections, milestones."""

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
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

from tracker.organizations.rules import UnitCategory
from tracker.rounds.rules import RoundKind, RoundMode, RoundStatus
from tracker.web.forms import (
    ChineseForm,
    ManyField,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

CODE = Regexp(r"^[A-Za-z0-9._-]{1,40}$", message="代码用 1 至 40 个字母、数字、点、横线或下划线。")


def between(low: int, high: int) -> NumberRange:
    """Return a validator for a whole number."""
    return NumberRange(low, high, message=f"请填 {low} 至 {high} 的整数。")


def number(label: str, low: int, high: int) -> IntegerField:
    """Return a field for a compulsory whole number."""
    return IntegerField(label, [InputRequired(message=f"请填写{label}。"), between(low, high)])


class TermForm(VersionedForm):
    """届."""

    number = number("届次", 1, 99)
    starts_on = DateField("开始日期", [chosen("开始日期")])
    ends_on = DateField("结束日期", [Optional()])
    submit = SubmitField("保存")


class ProfileForm(VersionedForm):
    """期限方案."""

    name = StringField(
        "方案名称", [required("方案名称"), at_most(80), without_nul], filters=[stripped]
    )
    plan_months = number("报送整改方案（个月）", 1, 24)
    concentrated_months = number("集中整改期（个月）", 1, 24)
    report_months = number("报送整改进展报告（个月）", 1, 24)
    move_to_workday = BooleanField("最后一天遇休息日，顺延到下一个工作日")
    submit = SubmitField("保存")


class RoundForm(VersionedForm):
    """轮."""

    term_id = SelectField("届", [chosen("届")], coerce=int)
    seq = number("轮次", 1, 99)
    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    name = StringField("名称", [required("名称"), at_most(120), without_nul], filters=[stripped])
    kind = SelectField("巡察类型", [chosen("巡察类型")], choices=RoundKind.choices())
    modes = SelectMultipleField(
        "组织方式",
        choices=RoundMode.choices(),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    theme = StringField("主题", [Optional(), at_most(200), without_nul], filters=[stripped])
    profile_id = SelectField("期限方案", [chosen("期限方案")], coerce=int)
    status = SelectField("状态", [chosen("状态")], choices=RoundStatus.choices())
    needs_acknowledgement = BooleanField("需要单位签收", default=True)
    needs_plan_review = BooleanField("需要方案审核", default=True)
    needs_sign_off = BooleanField("需要主要负责人签字背书", default=True)
    allows_online_sign = BooleanField("可以在线签署", default=True)
    allows_scan_sign = BooleanField("可以上传签字扫描件", default=True)
    allows_deputy_sign = BooleanField("可以由授权代理人代签", default=True)
    needs_cosign = BooleanField("销号前须经日常监督部门会签", default=False)
    allows_ending = BooleanField("允许终止整改（须经领导小组批准）", default=False)
    allows_late_extension = BooleanField("逾期后仍可申请延期", default=False)
    max_extensions = number("每项任务最多延期（次）", 0, 9)
    submit = SubmitField("保存")


class InspectionForm(VersionedForm):
    """巡察对象."""

    unit_id = SelectField("单位", [chosen("单位")], coerce=int)
    team = StringField("巡察组", [Optional(), at_most(80), without_nul], filters=[stripped])
    batch_seq = IntegerField("批次", [Optional(), between(1, 99)])
    kind = SelectField("巡察类型", [chosen("巡察类型")], choices=RoundKind.choices())
    counts_for_coverage = BooleanField("计入全覆盖", default=True)
    onsite_start = DateField("进驻开始日期", [Optional()])
    onsite_end = DateField("进驻结束日期", [Optional()])
    submit = SubmitField("保存")


class FillCoverageForm(ChineseForm):
    """全覆盖任务 of a term: by kind, or a pasted list."""

    categories = ManyField("单位类别", choices=UnitCategory.choices())
    regions = ManyField("地区", coerce=int)
    pasted = TextAreaField("或者粘贴单位名单", [Optional(), at_most(40_000), without_nul])
    added_on = DateField("列入日期", [chosen("列入日期")])
    submit = SubmitField("列入")


class CoverageTargetForm(VersionedForm):
    """Whether, where and why not a unit counts; when it is to be inspected."""

    is_counted = BooleanField("计入全覆盖")
    uncounted_reason = StringField(
        "不计入的原因", [Optional(), at_most(400), without_nul], filters=[stripped]
    )
    counted_in_region_id = SelectField("计入哪一级的覆盖率", [chosen("地区")], coerce=int)
    effective_on = DateField("自哪天起", [chosen("生效日期")])
    planned_round_id = SelectField("计划安排的轮次", coerce=int)
    submit = SubmitField("保存")


class MilestoneForm(VersionedForm):
    """节点."""

    due_on = DateField("时限", [Optional()])
    done_on = DateField("完成日期", [Optional()])
    exempt_reason = StringField(
        "免除原因", [Optional(), at_most(400), without_nul], filters=[stripped]
    )
    file = FileField("材料", [Optional()])
    is_confirmed_not_secret = BooleanField("我确认材料不涉密")
    submit = SubmitField("保存")


class UndoMilestoneForm(VersionedForm):
    """撤销登记."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("撤销登记")
