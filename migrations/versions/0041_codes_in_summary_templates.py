"""Saved summary paragraphs name figures and their parts by code, no longer by their Chinese names.

Revision ID: 0041
Revises: 0040
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

SLOT = re.compile(r"\{([^{}\n]*)\}")
SHAPE = re.compile(
    r"(?P<before>\s*(?:[^:：.|]+[:：])?)(?P<name>[^:：.|]+?)(?:\.(?P<part>[^|]+?))?(?P<after>\s*(?:\|.+)?)"
)
TEMPLATES = sa.table(
    "summary_templates", sa.column("id", sa.BigInteger), sa.column("body", sa.Text)
)
CATEGORIES = {
    "直属单位": "department",
    "乡镇（街道）": "town",
    "行政村": "village",
    "社区": "community",
    "学校": "school",
    "国有企业": "enterprise",
    "其他": "other",
}
SOURCES = {
    "中央巡视": "central_inspection",
    "省委巡视": "province_inspection",
    "市委巡察": "city_inspection",
    "县委巡察": "county_inspection",
    "政治生态考核": "political_ecology",
    "主体责任检查": "responsibility_check",
    "环保督察": "environment",
    "审计": "audit",
    "人大": "congress",
    "督导组": "supervision_group",
    "其他": "other",
}
NATURES = {
    "共性": "common",
    "个性": "individual",
}
AGES = {
    "1–7天": "d1_7",
    "8–30天": "d8_30",
    "31–90天": "d31_90",
    "90天以上": "over_90",
}
CODES = {
    "已开展巡察轮次": "rounds_done",
    "已开展巡察批次": "batches_done",
    "已巡察对象": "units_inspected",
    "巡察覆盖率": "coverage_rate",
    "尚未巡察的全覆盖对象": "units_uncovered",
    "县级巡察覆盖率（合并计算）": "county_coverage_pooled",
    "县级巡察平均覆盖率": "county_coverage_mean",
    "县级巡察覆盖率（合并计算，按记录）": "county_coverage_pooled_counted",
    "县级巡察平均覆盖率（按记录）": "county_coverage_mean_counted",
    "巡察发现问题线索": "clues_found",
    "县级巡察发现问题线索": "county_clues_found",
    "市县巡察发现问题线索": "all_clues_found",
    "巡察线索立案": "cases_filed",
    "县级巡察线索立案": "county_cases_filed",
    "市县巡察线索立案": "all_cases_filed",
    "巡察线索给予党纪政务处分": "persons_punished",
    "县级巡察线索给予党纪政务处分": "county_persons_punished",
    "市县巡察线索给予党纪政务处分": "all_persons_punished",
    "巡察线索立案人数": "persons_filed",
    "巡察移交问题线索办结": "clues_settled",
    "巡察移交问题线索": "clues_transferred",
    "上级反馈整改任务完成情况": "source_tasks",
    "接收移交问题线索": "source_clues_received",
    "办结移交问题线索": "source_clues_settled",
    "接收信访事项": "source_petitions_received",
    "办结信访事项": "source_petitions_settled",
    "巡察反馈问题": "issues_fed_back",
    "问题整改率（A口径）": "closure_rate",
    "问题完成率（B口径）": "completion_rate",
    "逾期任务": "tasks_overdue",
    "逾期任务占在办任务": "overdue_share",
    "向有关部门提出意见建议": "advice_issued",
    "意见建议采纳情况": "advice_adopted",
    "督查": "visits_made",
    "制发函件": "letters_issued",
    "收到函件的单位": "units_written_to",
    "督促问题整改": "issues_urged",
    "约谈": "persons_interviewed",
    "约谈一把手": "heads_interviewed",
    "问责党组织": "organs_held",
    "问责人次": "persons_held",
    "报送": "dispatches_sent",
    "处置问题线索": "year_clues",
    "立案": "year_filed",
    "结案": "year_closed",
    "给予党纪政务处分": "year_punished",
}
PARTS = {
    "units_inspected": CATEGORIES,
    "coverage_rate": CATEGORIES,
    "units_uncovered": CATEGORIES,
    "source_tasks": SOURCES,
    "source_clues_received": SOURCES,
    "source_clues_settled": SOURCES,
    "source_petitions_received": SOURCES,
    "source_petitions_settled": SOURCES,
    "issues_fed_back": NATURES,
    "closure_rate": NATURES,
    "completion_rate": NATURES,
    "tasks_overdue": AGES,
    "units_written_to": CATEGORIES,
    "issues_urged": NATURES,
}


def upgrade() -> None:
    """Names to codes. A name nobody knows stays as it was typed."""
    _rewrite(CODES, PARTS)


def downgrade() -> None:
    """Codes to the names of this version."""
    parts = {CODES_TO_NAMES[code]: _turned(words) for code, words in PARTS.items()}
    _rewrite(CODES_TO_NAMES, parts)


def _turned(words: dict[str, str]) -> dict[str, str]:
    return {value: key for key, value in words.items()}


CODES_TO_NAMES = _turned(CODES)


def _rewrite(words: dict[str, str], parts: dict[str, dict[str, str]]) -> None:
    """Rewrite every slot; `parts` by the new word of the figure."""

    def slot(found: re.Match[str]) -> str:
        shape = SHAPE.fullmatch(found.group(1))
        if shape is None:
            return found.group(0)
        name = words.get(shape["name"], shape["name"])
        part = shape["part"]
        said = "" if part is None else "." + parts.get(name, {}).get(part, part)
        return "{" + shape["before"] + name + said + shape["after"] + "}"

    bind = op.get_bind()
    for row_id, body in bind.execute(sa.select(TEMPLATES.c.id, TEMPLATES.c.body)).all():
        changed = SLOT.sub(slot, body)
        if changed != body:
            bind.execute(sa.update(TEMPLATES).where(TEMPLATES.c.id == row_id).values(body=changed))
