"""The columns of our ledger template, and the other names under which ledgers carry them."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """What a column means, whatever its header says."""

    SERIAL = "serial"
    ROUND = "round"
    TEAM = "team"
    UNIT = "unit"
    ISSUE_NO = "issue_no"
    CATEGORY_1 = "cat_l1"
    CATEGORY_2 = "cat_l2"
    NATURE = "nature"
    ISSUE = "issue"
    DETAIL = "detail"
    CAUSE = "cause"
    GOAL = "goal"
    MEASURE = "measure"
    LEAD_LEADER = "lead_leader"
    LEAD_DEPT = "lead_dept"
    SUPPORT_DEPTS = "support_depts"
    OWNER = "owner"
    PHONE = "phone"
    DUE = "due"
    KIND = "kind"
    PROGRESS = "progress"
    COMPLETION = "completion"
    DONE_ON = "done_on"
    EVIDENCE = "evidence"
    INSTITUTIONS = "institutions"
    ACCOUNTABILITY = "accountability"
    RECOVERED = "recovered"
    CLOSED = "closed"
    CLOSED_ON = "closed_on"
    UNFINISHED = "unfinished"
    REMARK = "remark"


@dataclass(frozen=True)
class LedgerColumn:
    """A column of the template: its title there, its width in characters, other titles in use."""

    field: Field
    title: str
    width: int
    synonyms: tuple[str, ...] = ()


COLUMNS: tuple[LedgerColumn, ...] = (
    LedgerColumn(Field.SERIAL, "序号", 6, ("NO", "NO.", "项目序号")),
    LedgerColumn(Field.ROUND, "巡察轮次", 12, ("轮次", "巡察批次")),
    LedgerColumn(Field.TEAM, "巡察组", 12, ("巡察组别", "组别")),
    LedgerColumn(
        Field.UNIT, "被巡察单位", 18,
        ("单位", "单位名称", "被巡察党组织", "被巡察单位名称", "被巡察单位党组织", "被巡察党组织名称", "整改单位", "党组织",
         "责任党组织"),
    ),
    LedgerColumn(Field.ISSUE_NO, "问题编号", 12, ("问题序号", "问题编码", "反馈问题编号", "编号")),
    LedgerColumn(Field.CATEGORY_1, "一级类别", 14, ("类别", "问题类别", "问题类型", "一级分类", "问题大类", "分类")),
    LedgerColumn(Field.CATEGORY_2, "二级类别", 14, ("二级分类", "问题小类")),
    LedgerColumn(Field.NATURE, "问题性质", 10, ("共性/个性", "共性个性", "性质", "共性或个性")),
    LedgerColumn(
        Field.ISSUE, "反馈问题", 36,
        ("巡察反馈问题", "反馈的问题", "问题", "存在问题", "存在的问题", "反馈意见", "巡察反馈意见", "问题描述", "问题内容",
         "具体问题", "反馈问题内容", "巡察发现问题", "发现问题", "主要问题", "反馈具体问题", "巡察反馈的问题",
         "巡察反馈具体问题"),
    ),
    LedgerColumn(Field.DETAIL, "具体表现", 30, ("问题表现", "具体表现形式", "主要表现", "具体情形")),
    LedgerColumn(Field.CAUSE, "原因分析", 24, ("原因", "问题原因", "产生原因")),
    LedgerColumn(Field.GOAL, "整改目标", 20, ("目标", "目标要求", "整改要求")),
    LedgerColumn(Field.MEASURE, "整改措施", 36, ("措施", "具体措施", "整改具体措施", "主要措施", "整改举措", "整改具体举措")),
    LedgerColumn(Field.LEAD_LEADER, "责任领导", 12, ("牵头领导", "分管领导", "责任领导人", "包抓领导", "责任人领导", "分管负责人")),
    LedgerColumn(
        Field.LEAD_DEPT, "牵头部门", 16,
        ("责任部门", "牵头单位", "责任科室", "牵头科室", "责任单位", "责任股室", "牵头股室", "主责部门", "牵头责任部门"),
    ),
    LedgerColumn(Field.SUPPORT_DEPTS, "配合部门", 16, ("配合单位", "协助部门", "配合科室", "协同部门", "责任配合部门")),
    LedgerColumn(Field.OWNER, "责任人", 12, ("具体责任人", "直接责任人", "经办人", "承办人", "整改责任人", "责任人及联系电话", "责任人及电话", "责任人、联系电话")),
    LedgerColumn(Field.PHONE, "联系电话", 14, ("电话", "手机", "联系方式", "手机号", "手机号码")),
    LedgerColumn(
        Field.DUE, "整改时限", 16,
        ("完成时限", "整改期限", "时限", "完成期限", "期限", "整改完成时限", "时限要求", "计划完成时间", "整改时间", "时间节点", "整改时间节点",
         "计划完成时限", "完成时限要求", "拟完成时间", "拟完成时限"),
    ),
    LedgerColumn(Field.KIND, "整改类型", 10, ("整改方式", "整改类别")),
    LedgerColumn(Field.PROGRESS, "整改进展", 36, ("整改进展情况", "进展情况", "整改情况", "工作进展", "整改落实情况", "落实情况", "进展")),
    LedgerColumn(Field.COMPLETION, "完成情况", 14, ("整改完成情况", "完成状态", "整改状态", "是否完成", "完成与否")),
    LedgerColumn(Field.DONE_ON, "完成时间", 12, ("完成日期", "实际完成时间", "整改完成时间", "整改完成日期", "实际完成日期")),
    LedgerColumn(Field.EVIDENCE, "佐证材料", 20, ("佐证", "印证材料", "证明材料", "佐证资料", "支撑材料")),
    LedgerColumn(Field.INSTITUTIONS, "建章立制", 10, ("制度建设", "建立制度", "建立完善制度", "建章立制数", "建立健全制度")),
    LedgerColumn(Field.ACCOUNTABILITY, "追责问责", 10, ("问责", "追责问责情况", "问责人次", "追责问责人次", "问责情况", "追责")),
    LedgerColumn(Field.RECOVERED, "挽回损失", 12, ("挽回经济损失", "挽回损失金额", "挽回金额")),
    LedgerColumn(Field.CLOSED, "是否销号", 10, ("销号", "销号情况", "销号状态", "是否已销号")),
    LedgerColumn(Field.CLOSED_ON, "销号时间", 12, ("销号日期",)),
    LedgerColumn(
        Field.UNFINISHED, "未完成原因及下步打算", 26,
        ("未完成原因", "下步打算", "下一步打算", "未完成原因及下一步打算", "未完成原因及下步措施", "下一步工作打算", "下步计划"),
    ),
    LedgerColumn(Field.REMARK, "备注", 16, ("说明", "其他", "备注说明")),
)  # fmt: skip

DEADLINES = "时限台账（系统生成）"
WRITTEN_ONLY = frozenset({DEADLINES})
"""Columns that an export adds and an import passes over: they tell what the product knows."""

BY_FIELD: dict[Field, LedgerColumn] = {column.field: column for column in COLUMNS}
