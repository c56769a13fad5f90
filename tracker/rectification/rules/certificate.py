"""整改销号审批表: what is printed, its one canonical form, its code, and what differs from it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Facts = dict[str, str]
Lines = list[dict[str, str]]
FORM = "整改销号审批表"
FACTS = {
    "number": "编号",
    "region": "开展巡察的地区",
    "unit": "被巡察党组织",
    "co_units": "共同责任单位",
    "round": "巡察轮次",
    "feedback_code": "反馈编号",
    "feedback": "反馈",
    "task_no": "任务编号",
    "issue_no": "问题编号",
    "category": "问题类别",
    "nature": "问题性质",
    "issue": "反馈问题",
    "detail": "具体表现",
    "cause": "原因分析",
    "goal": "整改目标",
    "kind": "整改类型",
    "lead_leader": "责任领导",
    "lead_dept": "牵头部门",
    "support_depts": "配合部门",
    "owners": "责任人",
    "original_due": "原定时限",
    "due_on": "现时限",
    "done_on": "完成日期",
    "closed_on": "销号日期",
    "confirmed": "巡察办确认",
    "outcome": "销号结论",
    "decided_by": "审批人",
    "lent_by": "授权人",
    "opinion": "审批意见",
}
SCAN = {"scan_name": "签字扫描件", "scan_sha256": "扫描件SHA-256"}
SECTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "measures": (
        "整改措施",
        {"text": "措施", "due_on": "时限", "done_on": "完成日期"},
    ),
    "progress": (
        "整改进展",
        {
            "reported_on": "日期",
            "completion": "完成情况",
            "text": "进展",
            "done_on": "自报完成日期",
            "unfinished_reason": "未完成原因",
            "next_step": "下步打算",
            "results": "成果",
            "no_evidence_reason": "无佐证理由",
            "reporter": "填报人",
        },
    ),
    "evidence": (
        "佐证材料",
        {
            "title": "材料",
            "document_on": "材料日期",
            "name": "文件名",
            "size": "字节数",
            "sha256": "SHA-256",
            "uploader": "上传人",
        },
    ),
    "due_changes": (
        "时限变更",
        {
            "occurred_on": "日期",
            "kind": "性质",
            "old_due": "原时限",
            "new_due": "新时限",
            "actor": "办理人",
            "reason": "理由",
        },
    ),
    "extensions": (
        "延期申请",
        {
            "asked_on": "申请日期",
            "asked_by": "申请人",
            "old_due": "原时限",
            "new_due": "申请延至",
            "reason": "理由",
            "signed_on": "审签日期",
            "signed_by": "审签人",
            "sign_way": "审签方式",
            **SCAN,
            "state": "结果",
            "decided_on": "审批日期",
            "decided_by": "审批人",
            "decision_reason": "审批说明",
        },
    ),
    "sign_offs": (
        "签字背书",
        {
            "signed_at": "时间",
            "signed_by": "签署人",
            "way": "方式",
            "lent_by": "授权人",
            "pledge": "承诺",
            **SCAN,
        },
    ),
    "reviews": (
        "审核、建议与会签",
        {
            "reviewed_on": "日期",
            "outcome": "意见",
            "reviewer": "办理人",
            "reason": "说明",
            "supplement": "需补充",
            "organ": "会签部门",
        },
    ),
    "history": (
        "办理过程",
        {
            "occurred_on": "日期",
            "recorded_at": "登记时间",
            "verb": "办理",
            "step": "环节变化",
            "actor": "办理人",
            "reason": "说明",
        },
    ),
}
FILE_COLUMNS = {
    "evidence": ("文件内容", "name", "sha256"),
    "extensions": ("扫描件内容", "scan_name", "scan_sha256"),
    "sign_offs": ("扫描件内容", "scan_name", "scan_sha256"),
}
CODE = re.compile(r"[0-9a-f]{64}")
GROUP = 8


@dataclass(frozen=True, kw_only=True)
class Content:
    """Exactly what one form prints: single facts, and lines by section; nothing but texts."""

    facts: Facts
    lines: dict[str, Lines]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that is no longer as it was printed."""

    what: str
    then: str
    now: str


@dataclass(frozen=True, kw_only=True)
class PrintedFile:
    """A file that a form names by its SHA-256. `where`: the line that does, for people."""

    where: str
    name: str
    sha256: str


def canonical(content: Content) -> str:
    """Return the one way to write a content down: the same content, the same bytes."""
    plain = {"facts": content.facts, "lines": content.lines}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_canonical(text: str) -> Content:
    """Return the content that a canonical text writes down."""
    plain = json.loads(text)
    return Content(facts=plain["facts"], lines=plain["lines"])


def code_of(text: str) -> str:
    """Return the verification code (验证码) of a canonical text: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def grouped(code: str) -> str:
    """Return a code as people read it: eight groups of eight characters."""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def typed_code(text: str) -> str | None:
    """Return the code in what somebody typed or a document says; None when there is none."""
    found = CODE.search(re.sub(r"\s+", "", text).lower())
    return found.group() if found else None


def differences(printed: Content, present: Content) -> list[Difference]:
    """Name everything printed that the rows no longer say, field by field.

    A form of an older version is held to the sections and fields it printed, not to later ones.
    """
    old, new = dict(_fields(printed, printed)), dict(_fields(present, printed))
    return [
        Difference(what=what, then=old.get(what, "（无）"), now=new.get(what, "（无）"))
        for what in [*old, *(each for each in new if each not in old)]
        if old.get(what) != new.get(what)
    ]


def sections_of(content: Content) -> dict[str, str]:
    """Return the sections that a content prints, with their titles."""
    return {key: title for key, (title, _columns) in SECTIONS.items() if key in content.lines}


def printed_files(content: Content) -> list[PrintedFile]:
    """Return every file whose SHA-256 a content prints: evidence, and scans of signatures."""
    found = []
    for section, (what, name, digest) in FILE_COLUMNS.items():
        for number, line in enumerate(content.lines.get(section, []), start=1):
            if line.get(digest):
                where = f"{SECTIONS[section][0]}第{number}条·{what}（{line[name]}）"
                found.append(PrintedFile(where=where, name=line[name], sha256=line[digest]))
    return found


def columns_of(content: Content, section: str) -> dict[str, str]:
    """Return the columns that a content prints of a section; all of them where it has no line."""
    columns, lines = SECTIONS[section][1], content.lines.get(section)
    return {key: label for key, label in columns.items() if not lines or key in lines[0]}


def _fields(content: Content, printed: Content) -> Iterator[tuple[str, str]]:
    for key, label in FACTS.items():
        if key in printed.facts:
            yield label, content.facts.get(key, "")
    for section, title in sections_of(printed).items():
        columns = columns_of(printed, section)
        for number, line in enumerate(content.lines.get(section, []), start=1):
            yield from _line(title, number, columns, line)


def _line(
    title: str, number: int, columns: Mapping[str, str], line: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for key, label in columns.items():
        yield f"{title}第{number}条·{label}", line.get(key, "")
