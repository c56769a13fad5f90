"""整改销号审批表 as a Word file, from the kept content alone: the same content, the same bytes."""

from datetime import date

from tracker.documents.official import OfficialDocument
from tracker.rectification.rules.certificate import (
    FACTS,
    FORM,
    SECTIONS,
    Content,
    canonical,
    code_of,
    columns_of,
    grouped,
)

WIDTHS_MM = {
    "measures": (12, 90, 27, 27),
    "progress": (10, 26, 20, 38, 26, 18, 18),
    "evidence": (10, 34, 26, 33, 16, 37),
    "due_changes": (10, 26, 20, 26, 26, 18, 30),
    "extensions": (10, 22, 16, 22, 22, 16, 16, 22, 16),
    "sign_offs": (10, 30, 24, 24, 24, 44),
    "reviews": (10, 26, 24, 24, 38, 34),
}
CENTRED = frozenset(
    {
        *("document_on", "size", "due_on", "done_on", "occurred_on", "reviewed_on"),
        *("reported_on", "old_due", "new_due", "asked_on", "decided_on"),
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
        [36, 120],
        centred=[0],
    )
    for section, (title, _columns) in SECTIONS.items():
        document.heading(title)
        _lines(document, section, columns_of(content, section), content)
    document.heading("验证码")
    document.paragraph(grouped(code_of(canonical(content))))
    document.note(HOW_TO_VERIFY)
    return document.to_bytes()


def _lines(
    document: OfficialDocument, section: str, columns: dict[str, str], content: Content
) -> None:
    lines = content.lines.get(section)
    if not lines:
        document.paragraph("无。")
        return
    document.table(
        ["序号", *columns.values()],
        [
            [str(number), *(_shown(key, line[key]) for key in columns)]
            for number, line in enumerate(lines, start=1)
        ],
        WIDTHS_MM[section][: len(columns) + 1],
        centred=[0, *(place for place, key in enumerate(columns, start=1) if key in CENTRED)],
    )


def _shown(key: str, text: str) -> str:
    if key == "sha256":
        return "\n".join(text[at : at + 16] for at in range(0, len(text), 16))
    return text or "—"


def _closed_on(content: Content) -> date:
    return date.fromisoformat(content.facts["closed_on"])
