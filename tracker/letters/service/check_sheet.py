"""核查表: what was promised, what proves it, what to ask, room for what was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.documents.official import OfficialDocument
from tracker.kernel.formats import chinese_date
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.queries.spot_checks import evidence_titles, questions_of
from tracker.rectification.models import Evidence

CHOICE = "□是　□否"
NO_EVIDENCE = "无（以任务页所写理由为准）"
SIGNED = "核查人（签字）：　　　　　　　　核查日期：　　　年　　月　　日"


@dataclass(frozen=True, kw_only=True)
class SheetItem:
    """One task of the sheet."""

    item: SpotCheckItem
    measures: tuple[str, ...]
    evidence: tuple[str, ...]

    def facts(self) -> list[tuple[str, str]]:
        """Return what the checker compares with reality."""
        task = self.item.task
        return [
            ("单位", task.lead_unit.name),
            ("反馈问题", task.issue.text),
            ("整改目标", task.goal or "—"),
            ("整改措施", "\n".join(self.measures) or "—"),
            ("完成日期", _day(task.done_on)),
            ("销号日期", _day(self.item.closed_on)),
            ("佐证材料", "\n".join(self.evidence) or NO_EVIDENCE),
        ]


def _day(value: object) -> str:
    return "—" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The sheet of one spot check."""

    check: SpotCheck
    questions: tuple[str, ...]
    items: tuple[SheetItem, ...]


def sheet_of(session: Session, check: SpotCheck) -> Sheet:
    """Return the check sheet as page and file show it."""
    proofs = evidence_titles(session, [item.task_id for item in check.items])
    return Sheet(
        check=check,
        questions=tuple(questions_of(session, check.region_id)),
        items=tuple(_sheet_item(item, proofs) for item in check.items),
    )


def _sheet_item(item: SpotCheckItem, proofs: dict[int, list[Evidence]]) -> SheetItem:
    found = proofs.get(item.task_id, [])
    return SheetItem(
        item=item,
        measures=_numbered([measure.text for measure in item.task.measures]),
        evidence=_numbered([f"{each.title}（{each.document_on}）" for each in found]),
    )


def _numbered(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def sheet_docx(sheet: Sheet) -> bytes:
    """Return the sheet as .docx; the same sheet gives the same bytes."""
    check = sheet.check
    document = OfficialDocument(
        title=f"整改抽查复核表\n（{check.year}年第{check.seq}次）", created_on=check.drawn_on
    )
    document.note(
        f"{chinese_date(check.drawn_on)}从{check.frame_size}项已销号任务中抽取{len(check.items)}项。"
        f"种子：{check.seed}。清单的校验值（SHA-256）：\n{check.frame_sha256}"
    )
    for each in sheet.items:
        document.heading(f"{each.item.task.lead_unit.short_name}　{each.item.task.task_no}")
        document.table(["项目", "内容"], each.facts(), [26, 130], centred=[0])
        rows = [(question, CHOICE, "") for question in sheet.questions]
        document.table(["核查要点", "结果", "说明"], rows, [76, 26, 54], centred=[1])
        document.table(["核查发现的情况"], [["\n\n\n"]], [156])
        document.paragraph("核查结论：□通过　　□不通过　　建议：□重新整改")
        document.paragraph(SIGNED)
    return document.to_bytes()
