"""审批表核验: from a code or a Word file that somebody brings to what the product knows of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.documents.reading import paragraphs_of
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.models import ClosureCertificate
from tracker.rectification.queries import task_parts, visible_tasks
from tracker.rectification.rules.certificate import Difference, read_canonical, typed_code
from tracker.rectification.service.certifying import Locate, Verdict, verify

MAX_DOCX_BYTES = 5 * 1024 * 1024
NOWHERE = "（文件中没有）"
UNKNOWN = (
    "没有找到这个验证码对应的审批表。请核对验证码；如果输入无误，这张表不是本系统生成的，"
    "或不在您的查看范围内。"
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was found: the certificate, its rows and files, and the brought file's own text."""

    certificate: ClosureCertificate
    verdict: Verdict
    in_file: list[Difference]

    @property
    def is_same(self) -> bool:
        """Whether rows, files and the brought document all agree with what was printed."""
        return self.verdict.is_same and not self.in_file


def check_printed(
    session: Session, typed: str, data: bytes | None, *, locate: Locate, actor: Actor
) -> Check:
    """Check a printed form. Raises DomainError when it names no certificate the actor may see."""
    if data is not None and len(data) > MAX_DOCX_BYTES:
        raise DomainError("文件超过 5 MB，不是系统生成的审批表。")
    brought = paragraphs_of(data) if data is not None else None
    code = typed_code("".join(_after_heading(brought)) if brought is not None else typed)
    if code is None:
        raise DomainError(
            "没有读到验证码。请输入审批表末尾的 64 位验证码，或上传系统生成的 Word 文件。"
        )
    query = (
        select(ClosureCertificate)
        .join(ClosureCertificate.task)
        .where(ClosureCertificate.code == code, visible_tasks(actor))
        .options(joinedload(ClosureCertificate.task).options(*task_parts()))
    )
    certificate = session.scalar(query)
    if certificate is None:
        raise DomainError(UNKNOWN)
    return Check(
        certificate=certificate,
        verdict=verify(session, certificate, locate),
        in_file=[] if brought is None else list(_changed(certificate, brought)),
    )


def _after_heading(paragraphs: list[str]) -> list[str]:
    """Return what stands after the last heading “验证码”: there alone the code is looked for."""
    places = [place for place, text in enumerate(paragraphs) if text.endswith("、验证码")]
    return paragraphs[places[-1] + 1 :][:1] if places else []


def _changed(certificate: ClosureCertificate, brought: list[str]) -> Iterator[Difference]:
    printed = paragraphs_of(certificate_docx(read_canonical(certificate.content)))
    matcher = SequenceMatcher(a=printed, b=brought, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            before = f"“{printed[a - 1][:20]}”之后" if a else "开头"
            yield Difference(
                what=f"上传文件的文字（{before}）",
                then="；".join(printed[a:b]) or "（无）",
                now="；".join(brought[c:d]) or NOWHERE,
            )
