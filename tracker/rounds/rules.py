"""Words of rounds: kinds, modes, milestones, switches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum


class RoundKind(LabelledEnum):
    """巡察类型."""

    REGULAR = "regular", "常规"
    SPECIAL = "special", "专项"
    MOBILE = "mobile", "机动"
    FOCUSED = "focused", "重点"
    REVISIT = "revisit", "“回头看”"


class RoundMode(LabelledEnum):
    """组织方式; a round may have several."""

    UPGRADED = "upgraded", "提级"
    CROSS = "cross", "交叉"
    JOINT = "joint", "联动"
    EXTENDED = "extended", "延伸"


class RoundStatus(LabelledEnum):
    """How far a round has come."""

    PLANNED = "planned", "筹备中"
    ONSITE = "onsite", "进驻中"
    RECTIFYING = "rectifying", "整改中"
    ARCHIVED = "archived", "已归档"


class MilestoneKind(LabelledEnum):
    """节点 of one inspection."""

    FEEDBACK_LEADERSHIP = "feedback_leadership", "向领导班子反馈"
    FEEDBACK_HEAD = "feedback_head", "向主要负责人反馈"
    PLAN = "plan", "整改方案"
    DEMOCRATIC_MEETING = "democratic_meeting", "专题民主生活会"
    MONTHLY_REPORT = "monthly_report", "按月报告"
    PROGRESS_REPORT = "progress_report", "集中整改进展报告"
    HEAD_REPORT = "head_report", "主要负责人组织落实情况报告"
    PARTY_NOTICE = "party_notice", "党内通报"
    PUBLIC_NOTICE = "public_notice", "社会公开"
    ASSESSMENT = "assessment", "整改评估"


class MilestoneEventKind(LabelledEnum):
    """What was done about a milestone."""

    DONE = "done", "登记完成"
    EXEMPTED = "exempted", "免除"
    FILE_ATTACHED = "file_attached", "附材料"
    UNDONE = "undone", "撤销登记"


MAX_EXTENSIONS = 2


@dataclass(frozen=True)
class Switches:
    """Which steps a round's path has, and what it allows. The path gets shorter, never different.

    `plan` is off in 简易模式 only. The three ways to sign (在线, 扫描件, 授权代签) are asked only where
    `sign_off` is on. `cosign`: closing waits for the supervisors' 会签. `ending`: 终止整改 is possible.
    """

    acknowledgement: bool = True
    plan_review: bool = True
    sign_off: bool = True
    plan: bool = True
    online_sign: bool = True
    scan_sign: bool = True
    deputy_sign: bool = True
    cosign: bool = False
    ending: bool = False
    late_extension: bool = False
    max_extensions: int = MAX_EXTENSIONS


# What a round chooses, and the column that keeps it.
SWITCH_COLUMNS = {
    "acknowledgement": "needs_acknowledgement",
    "plan_review": "needs_plan_review",
    "sign_off": "needs_sign_off",
    "online_sign": "allows_online_sign",
    "scan_sign": "allows_scan_sign",
    "deputy_sign": "allows_deputy_sign",
    "cosign": "needs_cosign",
    "ending": "allows_ending",
    "late_extension": "allows_late_extension",
    "max_extensions": "max_extensions",
}


def in_simple_mode(switches: Switches) -> Switches:
    """Return a round's switches in 简易模式: 待整改 → 整改中 → 待审核销号 → 已销号."""
    return replace(
        switches,
        acknowledgement=False,
        plan_review=False,
        sign_off=False,
        plan=False,
        cosign=False,
    )


def batch_name(seq: int) -> str:
    """Return what a batch is called when nobody named it."""
    return f"第{seq}批"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What an office decided about a unit in the coverage of a term: counted where, or why not."""

    is_counted: bool
    counted_in_region_id: int
    uncounted_reason: str | None = None


def check_decided(decided: Decided, effective_on: date, *, term_start: date, today: date) -> None:
    """Refuse to leave a unit out without a reason, or on a day outside the term so far."""
    if not decided.is_counted and not decided.uncounted_reason:
        raise DomainError("不计入全覆盖的单位请填写原因。")
    if effective_on < term_start:
        raise DomainError(f"生效日期早于本届开始日期 {term_start}，请核对。")
    if effective_on > today:
        raise DomainError("生效日期还没有到，请在生效当天或以后登记。")


@dataclass(frozen=True)
class Named:
    """A unit and everything it may be called in a pasted list."""

    unit_id: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class PastedList:
    """What a pasted list of units comes to; `problems` are sentences, one a line."""

    unit_ids: tuple[int, ...]
    problems: tuple[str, ...]


def read_pasted(text: str, units: Iterable[Named]) -> PastedList:
    """Read a list of units, one a line, by code or by name. No line is dropped silently."""
    known: dict[str, set[int]] = {}
    for unit in units:
        for word in unit.words:
            known.setdefault(_plain(word), set()).add(unit.unit_id)
    found: dict[int, None] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not _plain(line):
            continue
        problem = _read_line(_plain(line), known, found)
        if problem:
            problems.append(f"第 {number} 行“{line.strip()[:60]}”{problem}")
    return PastedList(tuple(found), tuple(problems))


def _read_line(word: str, known: Mapping[str, set[int]], found: dict[int, None]) -> str | None:
    units = known.get(word, set())
    if len(units) == 1:
        found[next(iter(units))] = None
        return None
    return "对应多个单位，请写代码。" if units else "没有找到，请核对名称或代码。"


def _plain(word: str) -> str:
    return "".join(word.split())
