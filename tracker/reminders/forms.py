"""Input of the pages about reminders."""

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional, Regexp

from tracker.notifications.rules import Audience
from tracker.reminders.models import ReminderRule
from tracker.reminders.rules import AnchorKind, OffsetKind, Rule, SentBy
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

BUTTONS_ONLY = "请用页面上的按钮操作。"


class SwitchForm(ChineseForm):
    """The 推送总开关: on or off."""

    on = HiddenField(validators=[AnyOf(["1", "0"], message=BUTTONS_ONLY)])


class CallForm(ChineseForm):
    """已电话催办: what the call was about, as the list names it, several apart by blanks."""

    objects = HiddenField(
        validators=[Regexp(r"^[a-z_]+-\d{1,18}( [a-z_]+-\d{1,18}){0,999}$", message=BUTTONS_ONLY)]
    )

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Return types and ids."""
        pairs = (each.rpartition("-") for each in (self.objects.data or "").split())
        return [(kind, int(number)) for kind, _dash, number in pairs]


class DigestsForm(VersionedForm):
    """每日提醒次数 of the own region."""

    digests_per_day = IntegerField(
        "每个群、每个人每个工作日最多几次提醒",
        [Optional(), NumberRange(1, 5, message="请填 1 至 5 的整数，或留空。")],
    )
    submit = SubmitField("保存")


class PauseForm(ChineseForm):
    """暂停提醒 of a unit."""

    unit = SelectField("单位", [chosen("单位")], coerce=int)
    from_on = DateField("开始日期", [chosen("开始日期")])
    to_on = DateField("结束日期", [chosen("结束日期")])
    reason = TextAreaField(
        "原因", [required("原因"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("暂停提醒")


class EndPauseForm(VersionedForm):
    """提前结束 of a pause."""

    reason = TextAreaField(
        "提前结束的原因", [required("原因"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("提前结束")


class RuleForm(VersionedForm):
    """提醒规则: one step of a ladder. `look` shows what it would change before it is saved."""

    label = StringField("名称", [required("名称"), at_most(120), without_nul], filters=[stripped])
    anchor = SelectField("依据", [chosen("依据")], choices=AnchorKind.choices())
    offset_kind = SelectField("计算方法", [chosen("计算方法")], choices=OffsetKind.choices())
    offset_days = IntegerField("何时", [InputRequired(message="请填写何时提醒。")])
    every_workdays = IntegerField(
        "此后每几个工作日重复", [NumberRange(0, 10, message="请填 0 至 10 的整数。")], default=0
    )
    audience = SelectField(
        "提醒谁",
        [chosen("提醒谁")],
        choices={it.value: it.label for it in Audience if it is not Audience.LIAISONS},
    )
    sent_by = SelectField("发送方式", [chosen("发送方式")], choices=SentBy.choices())
    wording = StringField("提醒文字", [at_most(60), without_nul], filters=[stripped])
    look = SubmitField("预览变化")
    submit = SubmitField("保存")

    def rule(self, row: ReminderRule | None) -> Rule:
        """Return the rule as typed, under the code of the row it changes."""
        chosen_way = SentBy(self.sent_by.data)
        return Rule(
            code=row.code if row else "new",
            label=self.label.data or "",
            anchor=AnchorKind(self.anchor.data),
            offset_days=self.offset_days.data or 0,
            audience=Audience(self.audience.data),
            every_workdays=self.every_workdays.data or 0,
            min_span_days=row.min_span_days if row else 0,
            is_in_product_only=chosen_way is SentBy.CALL_LIST,
            way=chosen_way.way,
            starts_on=row.starts_on if row else None,
            offset_kind=OffsetKind(self.offset_kind.data),
            wording=self.wording.data or "",
        )
