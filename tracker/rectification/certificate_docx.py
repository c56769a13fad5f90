"""整改销号审批表 as a Word file, from the kept content alone: the same content, the same bytes."""

from datetime import date

from tracker.documents.official import OfficialDocument
from tracker.rectification.rules.certificate import (
    FACTS,
    FORM,
    Content,
    Lines,
    canonical,
    code_of,
    columns_of,
    grouped,
    sections_of,
)

CARD_MM = (36, 120)
WIDTHS_MM = {
    "measures": (12, 90, 27, 27),
    "progress": (10, 26, 20, 38, 26, 18, 18),
    "evidence": (10, 30, 24, 28, 14, 32, 18),
    "due_changes": (10, 26, 20, 26, 26, 18, 30),
    "extensions": (10, 22, 16, 22, 22, 16, 16, 22, 16),
    "sign_offs": (10, 30, 24, 24, 24, 44),
    "reviews": (10, 24, 22, 20, 32, 26, 22),
    "history": (10, 24, 24, 24, 32, 22, 20),
}
IN_CARDS = frozenset({"progress", "extensions", "sign_offs"})  # too many columns for a page
CENTRED = frozenset(
    {
        *("document_on", "size", "due_on", "done_on", "occurred_on", "reviewed_on"),
        *("reported_on", "old_due", "new_due", "asked_on", "decided_on", "recorded_at"),
    }
)
HOW_TO_VERIFY = (
    "核验：登录本系统，在“审批表核验”中输入验证码，或上传本文件。"
    "系统按现存记录和材料原件重新计算，逐项指出与本表不一致之处。"
)


def certificate_docx(content: Content) -> bytes:
    """Return the .docx file of a form."""
    document = OfficialDocument(title=FORM, created_on=_closed_on(content), author="")
    document.note(f"编号：{content.facts['number']}")
    document.table(
        ["项目", "内容"],
        [
            [label, content.facts[key] or "—"]
            for key, label in FACTS.items()
            if key != "number" and key in content.facts
        ],
        CARD_MM,
        centred=[0],
    )
    for section, title in sections_of(content).items():
        document.heading(title)
        _section(document, section, content)
    document.heading("验证码")
    document.paragraph(grouped(code_of(canonical(content))))
    document.note(HOW_TO_VERIFY)
    return document.to_bytes()


def _section(document: OfficialDocument, section: str, content: Content) -> None:
    columns, lines = columns_of(content, section), content.lines[section]
    if not lines:
        document.paragraph("无。")
    elif section in IN_CARDS and not _is_of_tables(content):
        for number, line in enumerate(lines, start=1):
            _card(document, number, columns, line)
    else:
        _table(document, WIDTHS_MM[section], columns, lines)


def _is_of_tables(content: Content) -> bool:
    """Whether a form was kept before 办理过程 was printed: its Word file has tables throughout."""
    return "history" not in content.lines


def _card(
    document: OfficialDocument, number: int, columns: dict[str, str], line: dict[str, str]
) -> None:
    document.table(
        [f"第{number}条", "内容"],
        [[label, line[key]] for key, label in columns.items() if line[key]],
        CARD_MM,
        centred=[0],
    )


def _table(
    document: OfficialDocument, widths: tuple[int, ...], columns: dict[str, str], lines: Lines
) -> None:
    document.table(
        ["序号", *columns.values()],
        [
            [str(number), *(_shown(key, line[key]) for key in columns)]
            for number, line in enumerate(lines, start=1)
        ],
        widths[: len(columns) + 1],
        centred=[0, *(place for place, key in enumerate(columns, start=1) if key in CENTRED)],
    )


def _shown(key: str, text: str) -> str:
    if key == "sha256":
        return "\n".join(text[at : at + 16] for at in range(0, len(text), 16))
    return text or "—"


def _closed_on(content: Content) -> date:
    return date.fromisoformat(content.facts["closed_on"])
