"""Forms of the workflow."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from tracker.rectification.rules.documents import REPORTS
from tracker.rectification.rules.words import CompletionClass
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

LONG = [Optional(), at_most(20000), without_nul]


MAX_FILES = 20


def at_most_files(most: int) -> Callable[[Any, Field], None]:
    """Return a validator of how many files are sent at once."""

    def check(_form: Any, field: Field) -> None:
        if len(field.data or ()) > most:
            raise ValidationError(f"一次最多 {most} 个文件，请分几次上传。")

    return check


class ReasonForm(VersionedForm):
    """A button that needs a reason."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("确定")


class WithdrawForm(VersionedForm):
    """撤下: shorter than other reasons, as it stands beside the file's name."""

    reason = TextAreaField(
        "理由", [required("理由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("撤下")


class ReturnForm(ReasonForm):
    """退回整改: why, and what has to be supplied."""

    supplement = TextAreaField(
        "需要补充的内容",
        [required("需要补充的内容"), at_most(2000), without_nul],
        filters=[stripped],
    )
    submit = SubmitField("退回整改")


class CloseForm(VersionedForm):
    """销号."""

    opinion = TextAreaField(
        "审核意见", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    is_sustained = BooleanField("销号并长期坚持（保留复查日期）")
    next_review_on = DateField("下次复查日期", [Optional()])
    submit = SubmitField("同意销号")


class OpinionForm(VersionedForm):
    """An opinion that may stay empty: 建议销号, 确认基本完成."""

    opinion = TextAreaField("意见", [Optional(), at_most(2000), without_nul], filters=[stripped])
    submit = SubmitField("确定")


class CosignForm(VersionedForm):
    """会签."""

    decision = SelectField(
        "会签意见", [chosen("会签意见")], choices={"agree": "同意销号", "object": "不同意销号"}
    )
    opinion = TextAreaField(
        "说明（不同意时必填）", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("提交会签意见")


class CommentForm(VersionedForm):
    """意见."""

    text = TextAreaField("意见", [required("意见"), at_most(1000), without_nul], filters=[stripped])
    is_internal = BooleanField("仅巡察办内部可见")
    submit = SubmitField("发表意见")


class WatchForm(ReasonForm):
    """挂牌督办."""

    level = SelectField("督办级别", [chosen("督办级别")])
    leader = StringField(
        "包案领导", [required("包案领导"), at_most(60), without_nul], filters=[stripped]
    )


class WatchRulesForm(VersionedForm):
    """督办规则."""

    interval = IntegerField("更新间隔（工作日）", [chosen("更新间隔")])
    levels = TextAreaField(
        "督办级别（一行一个）",
        [required("督办级别"), at_most(1000), without_nul],
        filters=[stripped],
    )
    submit = SubmitField("保存")


class BulkForm(ChineseForm):
    """批量办理; which fields are asked for depends on what is done."""

    note = TextAreaField("意见或理由", [Optional(), at_most(2000), without_nul], filters=[stripped])
    supplement = TextAreaField(
        "需要补充的内容", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    day = DateField("整改时限", [Optional()])
    is_sustained = BooleanField("销号并长期坚持（保留复查日期）")
    next_review_on = DateField("下次复查日期", [Optional()])
    submit = SubmitField("确定办理")


class VerifyForm(ChineseForm):
    """审批表核验."""

    code = StringField("验证码", [Optional(), at_most(200), without_nul], filters=[stripped])
    file = FileField("或上传审批表（.docx）")
    submit = SubmitField("核验")


class ReopenForm(ReasonForm):
    """重新整改."""

    new_due = DateField("新的整改时限", [chosen("新的整改时限")])
    submit = SubmitField("重新整改")


class ProgressForm(VersionedForm):
    """进展."""

    text = TextAreaField("整改进展", LONG, filters=[stripped])
    is_no_change = BooleanField("本期无变化")
    completion = SelectField(
        "完成情况", [chosen("完成情况")], choices=CompletionClass.choices(), default="partly"
    )
    measures = SelectMultipleField("已完成的整改措施", coerce=int)
    undone_measures = SelectMultipleField("取消完成的整改措施", coerce=int)
    unfinished_reason = TextAreaField("未完成原因", LONG, filters=[stripped])
    next_step = TextAreaField("下步打算", LONG, filters=[stripped])
    rules_made = IntegerField(
        "建章立制（项）",
        [Optional(), NumberRange(0, 9999, message="请填 0 至 9999 的整数。")],
        default=0,
    )
    orgs_held = IntegerField(
        "问责党组织（个）",
        [Optional(), NumberRange(0, 9999, message="请填 0 至 9999 的整数。")],
        default=0,
    )
    persons_held = IntegerField(
        "问责（人次）",
        [Optional(), NumberRange(0, 9999, message="请填 0 至 9999 的整数。")],
        default=0,
    )
    recovered_wan = DecimalField(
        "挽回损失（万元）",
        [Optional(), NumberRange(0, 99999999, message="请填不小于 0 的数。")],
        default=Decimal(0),
        places=None,
    )
    submit = SubmitField("保存进展")


class ClosureForm(ProgressForm):
    """申请销号: a progress report that says it is done."""

    completion = SelectField("完成情况", choices=CompletionClass.choices(), default="done")
    done_on = DateField("完成日期", [chosen("完成日期")])
    no_evidence_reason = StringField("没有佐证材料的理由", [Optional(), at_most(400), without_nul])
    submit = SubmitField("提交销号申请")


class FillInRowForm(ProgressForm):
    """One task's row of 本月填报; the page has the token for all of them."""

    class Meta(ChineseForm.Meta):
        """No token of its own."""

        csrf = False

    text = TextAreaField("本月进展", LONG, filters=[stripped])
    is_no_change = BooleanField("无变化")

    def is_filled(self, version: int) -> bool:
        """Return whether somebody wrote here. Ticks alone count only on the task as it is now:
        on one that changed meanwhile they may differ by somebody else's doing."""
        if self.is_no_change.data or any(
            (field.data or "").strip()
            for field in (self.text, self.unfinished_reason, self.next_step)
        ):
            return True
        return str(self.version.data) == str(version) and bool(self.changes())


class EvidenceForm(ChineseForm):
    """佐证材料: one file or several."""

    file = MultipleFileField(
        "文件", [FileRequired(message="请选择文件。"), at_most_files(MAX_FILES)]
    )
    title = StringField("材料名称", [Optional(), at_most(190), without_nul], filters=[stripped])
    document_on = DateField("材料日期（事情发生的日期）", [chosen("材料日期")])
    is_confirmed_not_secret = BooleanField("我确认材料不涉密")
    submit = SubmitField("上传")


class PhotosForm(ChineseForm):
    """Photos that become one PDF."""

    photos = MultipleFileField("照片", [FileRequired(message="请选择照片。")])
    title = StringField(
        "材料名称", [required("材料名称"), at_most(60), without_nul], filters=[stripped]
    )
    document_on = DateField("材料日期（事情发生的日期）", [chosen("材料日期")])
    is_confirmed_not_secret = BooleanField("我确认照片不涉密")
    submit = SubmitField("合成并上传")


class RevisionForm(VersionedForm):
    """修订: a new version of a piece of evidence."""

    file = FileField("新版本的文件", [FileRequired(message="请选择文件。")])
    title = StringField("材料名称", [Optional(), at_most(200), without_nul], filters=[stripped])
    document_on = DateField("材料日期（事情发生的日期）", [chosen("材料日期")])
    is_confirmed_not_secret = BooleanField("我确认材料不涉密")
    submit = SubmitField("上传新版本")


class DocumentForm(VersionedForm):
    """单位材料: what is said of it, its file, and its text for pasting where that is wanted."""

    title = StringField("标题", [required("标题"), at_most(200), without_nul], filters=[stripped])
    document_on = DateField("文件日期", [chosen("文件日期")])
    file = FileField("文件", [Optional()])
    text = TextAreaField("正文", LONG, filters=[stripped])
    is_for_party = BooleanField("公开稿用于党内通报")
    is_for_public = BooleanField("公开稿用于社会公开")
    is_confirmed_not_secret = BooleanField("我确认材料不涉密")
    submit = SubmitField("保存")


class NewDocumentForm(DocumentForm):
    """A document that is begun: of which unit, for which feedback, of which kind."""

    of = SelectField("单位和反馈", [chosen("单位和反馈")])
    kind = SelectField(
        "材料种类", [chosen("材料种类")], choices={kind.value: kind.label for kind in REPORTS}
    )
    file = FileField("文件", [FileRequired(message="请选择文件。")])


class ReturnDocumentForm(ReturnForm):
    """退回单位材料."""

    submit = SubmitField("退回单位")


class PlanItemForm(VersionedForm):
    """What the plan says about one task."""

    goal = TextAreaField("整改目标", LONG, filters=[stripped])
    measures = TextAreaField("整改措施（一行一条）", LONG, filters=[stripped])
    lead_leader = StringField(
        "责任领导", [Optional(), at_most(60), without_nul], filters=[stripped]
    )
    owners = StringField(
        "责任人（多人用顿号分开）", [Optional(), at_most(200), without_nul], filters=[stripped]
    )
    lead_dept = StringField("牵头部门", [Optional(), at_most(200), without_nul], filters=[stripped])
    support_depts = StringField(
        "配合部门", [Optional(), at_most(400), without_nul], filters=[stripped]
    )
    due_on = DateField("整改时限", [Optional()])
    is_long_term = BooleanField("需长期坚持")
    submit = SubmitField("保存")


class IssueTasksForm(ChineseForm):
    """下发."""

    immediate_due = DateField("立行立改的整改时限（有立行立改问题时必填）", [Optional()])
    usual_due = DateField("整改时限（没有单独时限的任务）", [Optional()])
    submit = SubmitField("下发整改任务")


class NewDueForm(ReasonForm):
    """A new date with its reason: an application for more time, or a correction."""

    new_due = DateField("新的整改时限", [chosen("新的整改时限")])


class DecisionForm(VersionedForm):
    """审批延期."""

    decision = SelectField(
        "审批意见", [chosen("审批意见")], choices={"grant": "批准", "refuse": "不批准"}
    )
    reason = TextAreaField(
        "说明（不批准时必填）", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("确定")


class ScanForm(VersionedForm):
    """签字扫描件."""

    file = FileField("签字扫描件", [FileRequired(message="请选择文件。")])
    is_confirmed_signed = BooleanField(
        "我确认扫描件为主要负责人本人签字，且不涉密",
        [InputRequired(message="请先确认签字和不涉密。")],
    )
    submit = SubmitField("上传")


class LongTermForm(ReasonForm):
    """申请转长期整改 with goal and review date, or back to 限期整改 with a new due date."""

    stage_goal = TextAreaField("下一阶段目标", LONG, filters=[stripped])
    next_review_on = DateField("下次复查日期", [Optional()])
    new_due = DateField("新的整改时限", [Optional()])
    submit = SubmitField("提交申请")


class LongTermReviewForm(VersionedForm):
    """复查: what was found, and when it is looked at again."""

    reviewed_on = DateField("复查日期", [chosen("复查日期")])
    finding = TextAreaField(
        "复查情况", [required("复查情况"), at_most(20000), without_nul], filters=[stripped]
    )
    next_review_on = DateField("下次复查日期", [Optional()])
    is_last = BooleanField("不再复查")
    end_reason = TextAreaField(
        "不再复查的理由", [Optional(), at_most(2000), without_nul], filters=[stripped]
    )
    submit = SubmitField("登记复查")


class RunningForm(VersionedForm):
    """登记为整改中."""

    due_on = DateField("整改时限", [chosen("整改时限")])
    submit = SubmitField("登记")


class CoUnitsForm(VersionedForm):
    """共同责任单位."""

    units = SelectMultipleField("共同责任单位", [Optional()], coerce=int)
    submit = SubmitField("保存")
