"""迎检包: everything of one unit in one round that an inspector asks for, as entries of a zip.

Gathered for a reader: nobody's holds more than the pages show this person.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback, Issue
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Permission, may
from tracker.ledger.dossier_sheets import plan_workbook, trail_workbook
from tracker.ledger.exporting import export_ledger
from tracker.letters.models import Letter, LetterIssue, LetterReply, LetterTask
from tracker.letters.queries.letters import visible_letters
from tracker.organizations.models import Unit
from tracker.organizations.scope import UNIT
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.evidence_queries import counts_as_evidence
from tracker.rectification.models import (
    ClosureCertificate,
    DocumentSignature,
    DocumentVersion,
    Evidence,
    Extension,
    PlanSubmission,
    Review,
    SignOff,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.queries import readable_reviews, visible_documents, visible_tasks
from tracker.rectification.rules.certificate import read_canonical
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.rounds.models import Round

UNCOUNTED = (TaskState.DRAFT, TaskState.VOID)


class Folder(LabelledEnum):
    """Where an entry lies; the number keeps the order in which inspectors read."""

    FEEDBACK = "01", "反馈问题台账"
    PLAN = "02", "整改方案"
    REPORTS = "03", "整改报告"
    EVIDENCE = "04", "佐证材料"
    TRAIL = "05", "办理和审核记录"
    LETTERS = "06", "函件"
    CERTIFICATES = "07", "整改销号审批表"

    @property
    def path(self) -> str:
        """Return the folder's name in the zip."""
        return f"{self.value}{self.label}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file to be. `content`: a stored file, or what makes the bytes when they are wanted."""

    folder: Folder
    title: str
    name: str
    content: StoredFile | Callable[[], bytes]
    day: date | None = None
    task_no: str = ""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """The entries of one unit in one round, in order."""

    tour: Round
    unit: Unit
    entries: tuple[Entry, ...]

    def of(self, folder: Folder) -> list[Entry]:
        """Return what lies in a folder."""
        return [entry for entry in self.entries if entry.folder is folder]

    @property
    def stored_bytes(self) -> int:
        """Return how much the stored files weigh together."""
        return sum(
            entry.content.size_bytes
            for entry in self.entries
            if isinstance(entry.content, StoredFile)
        )


def units_with_tasks(session: Session, tour: Round, *, actor: Actor) -> list[Unit]:
    """Return the units that lead a task of the round which this person may see, in their order."""
    leads = exists().where(
        Task.lead_unit_id == Unit.id, Task.round_id == tour.id, _for_dossier(actor)
    )
    query = select(Unit).where(leads).order_by(Unit.region_id, Unit.sort_no, Unit.id)
    return list(session.scalars(query))


def dossier_of(
    session: Session, tour: Round, unit_id: int, *, actor: Actor, now: datetime
) -> Dossier:
    """Gather a unit's dossier. NotVisibleError where the actor sees no task of it.

    The number of statements does not grow with the number of tasks.
    """
    query = (
        select(Task)
        .where(Task.round_id == tour.id, Task.lead_unit_id == unit_id)
        .where(_for_dossier(actor))
        .options(joinedload(Task.lead_unit), joinedload(Task.issue))
        .order_by(Task.task_no, Task.id)
    )
    tasks = list(session.scalars(query))
    if not tasks:
        raise NotVisibleError
    gathered = _Gathering(session, tour, tasks, actor, now)
    return Dossier(tour=tour, unit=tasks[0].lead_unit, entries=tuple(gathered.entries()))


def _for_dossier(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on tasks; a unit takes its own along, not those it only helps with."""
    wanted = and_(Task.state.not_in(UNCOUNTED), visible_tasks(actor))
    if actor.role in UNIT:
        return and_(wanted, Task.lead_unit_id == actor.unit_id)
    return wanted


@dataclass(frozen=True)
class _Gathering:
    session: Session
    tour: Round
    tasks: Sequence[Task]
    actor: Actor
    now: datetime

    def entries(self) -> Iterator[Entry]:
        yield self._ledger()
        yield from self._documents()
        yield from self._evidence()
        yield from self._trail()
        if may(self.actor, Permission.LETTER_READ):
            yield from self._letters()
        yield from self._certificates()

    @property
    def unit_id(self) -> int:
        return self.tasks[0].lead_unit_id

    def _of_tasks(self, model: Any, *narrowed: Any) -> list[Any]:
        """Return a model's rows of all the tasks, in one statement."""
        ids = [task.id for task in self.tasks]
        query = select(model).where(model.task_id.in_(ids), *narrowed)
        return list(self.session.scalars(query.order_by(model.task_id, model.id)))

    def _no(self, task_id: int) -> str:
        return next(task.task_no for task in self.tasks if task.id == task_id)

    def _ledger(self) -> Entry:
        def made() -> bytes:
            return export_ledger(
                self.session, self.tour, actor=self.actor, now=self.now, unit_id=self.unit_id
            )

        return Entry(
            folder=Folder.FEEDBACK,
            title="反馈问题和整改台账",
            name="整改台账.xlsx",
            content=made,
            day=local_date(self.now),
        )

    def _documents(self) -> Iterator[Entry]:
        query = (
            select(UnitDocument)
            .join(UnitDocument.feedback)
            .where(
                UnitDocument.unit_id == self.unit_id,
                UnitDocument.submitted_on.is_not(None),
                Feedback.round_id == self.tour.id,
                visible_documents(self.actor),
            )
            .options(selectinload(UnitDocument.versions).joinedload(DocumentVersion.file))
            .order_by(UnitDocument.kind, UnitDocument.id)
        )
        documents = list(self.session.scalars(query))
        yield from self._plan_texts(documents)
        for document in documents:
            for version in document.versions:
                title = f"{version.title}（第{version.seq}版）"
                yield _stored(_folder_of(document), title, version.file, day=version.document_on)
        yield from self._signatures(documents)

    def _plan_texts(self, documents: Iterable[UnitDocument]) -> Iterator[Entry]:
        plans = [one.id for one in documents if one.kind is DocumentKind.PLAN]
        query = select(PlanSubmission).where(PlanSubmission.document_id.in_(plans))
        for kept in self.session.scalars(query.order_by(PlanSubmission.id)):
            yield Entry(
                folder=Folder.PLAN,
                title=f"整改方案（第{kept.number}次提交）",
                name=f"整改方案第{kept.number}次提交.xlsx",
                content=lambda kept=kept: plan_workbook(kept),  # type: ignore[misc]
                day=local_date(kept.kept_at),
            )

    def _signatures(self, documents: Sequence[UnitDocument]) -> Iterator[Entry]:
        """Yield the scans of what was signed on paper."""
        known = {document.id: document for document in documents}
        query = (
            select(DocumentSignature)
            .where(DocumentSignature.document_id.in_(known), DocumentSignature.file_id.is_not(None))
            .options(joinedload(DocumentSignature.file))
        )
        for signature in self.session.scalars(query.order_by(DocumentSignature.id)):
            document = known[signature.document_id]
            title = f"{document.kind.label}签字扫描件"
            day = local_date(signature.signed_at)
            yield _stored(_folder_of(document), title, signature.file, day=day)

    def _evidence(self) -> Iterator[Entry]:
        for piece in self._of_tasks(Evidence, counts_as_evidence()):
            yield _stored(
                Folder.EVIDENCE,
                piece.title,
                piece.file,
                day=piece.document_on,
                task_no=self._no(piece.task_id),
            )

    def _trail(self) -> Iterator[Entry]:
        steps = self._of_tasks(TaskTransition)
        reviews = self._of_tasks(Review, readable_reviews(self.actor, self.tasks[0].region_id))
        yield Entry(
            folder=Folder.TRAIL,
            title="办理和审核记录",
            name="办理和审核记录.xlsx",
            content=lambda: trail_workbook(self.tasks, steps, reviews, made_at=self.now),
            day=local_date(self.now),
        )
        for extension in self._of_tasks(Extension, Extension.sign_file_id.is_not(None)):
            yield _stored(
                Folder.TRAIL,
                "延期申请签字扫描件",
                extension.sign_file,
                day=extension.signed_on,
                task_no=self._no(extension.task_id),
            )

    def _letters(self) -> Iterator[Entry]:
        ids = [task.id for task in self.tasks]
        of_round = select(Feedback.id).where(Feedback.round_id == self.tour.id)
        about = or_(
            exists().where(LetterTask.letter_id == Letter.id, LetterTask.task_id.in_(ids)),
            exists().where(
                LetterIssue.letter_id == Letter.id,
                LetterIssue.issue_id == Issue.id,
                Issue.feedback_id.in_(of_round),
            ),
        )
        query = (
            select(Letter)
            .where(Letter.unit_id == self.unit_id, Letter.sent_on.is_not(None), about)
            .where(visible_letters(self.actor))
            .options(
                joinedload(Letter.file), selectinload(Letter.replies).joinedload(LetterReply.file)
            )
        )
        for letter in self.session.scalars(query.order_by(Letter.sent_on, Letter.id)):
            if letter.file is not None:
                title = f"{letter.doc_no} {letter.title}"
                yield _stored(Folder.LETTERS, title, letter.file, day=letter.sent_on)
            for reply in letter.replies:
                if reply.file is not None:
                    title = f"{letter.doc_no} 的回复"
                    yield _stored(Folder.LETTERS, title, reply.file, day=reply.replied_on)

    def _certificates(self) -> Iterator[Entry]:
        for made in self._of_tasks(ClosureCertificate):
            yield Entry(
                folder=Folder.CERTIFICATES,
                title=f"整改销号审批表 {made.number}",
                name=f"整改销号审批表{made.number}.docx",
                content=lambda made=made: certificate_docx(  # type: ignore[misc]
                    read_canonical(made.content)
                ),
                day=local_date(made.made_at),
                task_no=self._no(made.task_id),
            )
        for signed in self._of_tasks(SignOff, SignOff.file_id.is_not(None)):
            yield _stored(
                Folder.CERTIFICATES,
                "销号申请签字扫描件",
                signed.file,
                day=local_date(signed.signed_at),
                task_no=self._no(signed.task_id),
            )


def _folder_of(document: UnitDocument) -> Folder:
    return Folder.PLAN if document.kind is DocumentKind.PLAN else Folder.REPORTS


def _stored(
    folder: Folder, title: str, file: StoredFile | None, *, day: date | None, task_no: str = ""
) -> Entry:
    if file is None:
        raise ValueError("an entry of a stored file needs the file")
    return Entry(
        folder=folder,
        title=title,
        name=file.original_name,
        content=file,
        day=day,
        task_no=task_no,
    )
