"""单位材料 of a few units, each as far as another, and a milestone with its document."""

import io
from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, select

from tracker.demo.book import Book
from tracker.documents.official import OfficialDocument
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.permissions import Actor, Role
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.rectification.service import document_steps as steps
from tracker.rectification.service.documents import Written, begin_document
from tracker.rectification.service.proving import Statement
from tracker.rounds.models import Inspection, Milestone, Round
from tracker.rounds.rules import MilestoneKind, RoundStatus
from tracker.rounds.service import edit_milestone

K = DocumentKind
Step = Callable[["_Desk", UnitDocument, int], None]
REASON, SUPPLEMENT = "完成数与台账不一致。", "请附逐项完成情况明细表。"


class _Desk:
    """One unit's liaison and head, and the clerk of the office that inspected it."""

    def __init__(self, book: Book, storage: FileStorage, liaison: User, task: Task) -> None:
        self.book, self.storage = book, storage
        self.feedback, self.unit = task.feedback, task.lead_unit
        self.liaison = actor_of(liaison)
        self.head = actor_of(_user(book, Role.UNIT_HEAD, User.unit_id == liaison.unit_id))
        self.clerk = actor_of(_user(book, Role.OFFICE_CLERK, User.region_id == task.region_id))

    def begin(self, kind: DocumentKind, days_ago: int) -> UnitDocument:
        """Write a document as of a day."""
        title = f"{self.unit.name}{kind.label}"
        day = self.book.ago(days_ago)
        file = _stored(self.storage, title, day, self.liaison, self.book)
        written = Written(
            said=Statement(title=title, document_on=day, is_confirmed_not_secret=True),
            file=file,
            is_for_party=kind is K.PUBLIC_NOTICE,
            is_for_public=kind is K.PUBLIC_NOTICE,
        )
        return begin_document(
            self.book.session,
            self.feedback,
            self.unit,
            kind,
            written,
            actor=self.liaison,
            now=self.book.at(day),
        )


def _submit(desk: _Desk, document: UnitDocument, ago: int) -> None:
    now = desk.book.at(desk.book.ago(ago))
    steps.submit_document(desk.book.session, document, actor=desk.liaison, now=now)


def _sign(desk: _Desk, document: UnitDocument, ago: int) -> None:
    now = desk.book.at(desk.book.ago(ago))
    steps.sign_document(desk.book.session, document, actor=desk.head, now=now)


def _return(desk: _Desk, document: UnitDocument, ago: int) -> None:
    now = desk.book.at(desk.book.ago(ago))
    steps.return_document(
        desk.book.session, document, REASON, SUPPLEMENT, actor=desk.clerk, now=now
    )


def _accept(desk: _Desk, document: UnitDocument, ago: int) -> None:
    now = desk.book.at(desk.book.ago(ago))
    steps.accept_document(desk.book.session, document, actor=desk.clerk, now=now)


# For each unit in turn: a kind, and the steps it has come.
STORIES: tuple[tuple[tuple[DocumentKind, tuple[Step, ...]], ...], ...] = (
    ((K.PROGRESS_REPORT, (_submit, _sign, _accept)), (K.HEAD_REPORT, (_submit, _sign))),
    ((K.PROGRESS_REPORT, (_submit,)), (K.PUBLIC_NOTICE, (_submit, _sign, _return))),
    ((K.PROGRESS_REPORT, ()),),
)
BEGUN_AGO = 12


def add_documents(book: Book, storage: FileStorage) -> list[UnitDocument]:
    """Let a few units write, and offices review; one office attaches a document to a milestone."""
    made = []
    for desk, story in zip(_desks(book, storage), STORIES, strict=False):
        for kind, way in story:
            document = desk.begin(kind, BEGUN_AGO)
            for number, step in enumerate(way, start=1):
                step(desk, document, BEGUN_AGO - 3 * number)
            made.append(document)
    _register_meeting(book, storage)
    return made


def _desks(book: Book, storage: FileStorage) -> list[_Desk]:
    found = []
    for user in book.session.scalars(
        select(User).where(User.role == Role.UNIT_LIAISON).order_by(User.id)
    ):
        task = book.session.scalars(
            select(Task)
            .join(Task.round)
            .where(
                Task.lead_unit_id == user.unit_id,
                Task.state == TaskState.IN_PROGRESS,
                Round.status != RoundStatus.ARCHIVED,
            )
            .order_by(Task.id.desc())
            .limit(1)
        ).first()
        if task is not None:
            found.append(_Desk(book, storage, user, task))
    return found


def _user(book: Book, role: Role, where: ColumnElement[bool]) -> User:
    query = select(User).where(User.role == role, where).order_by(User.id).limit(1)
    return book.session.scalars(query).one()


def _register_meeting(book: Book, storage: FileStorage) -> None:
    """The minutes of one unit's 专题民主生活会, attached by the clerk."""
    query = (
        select(Milestone)
        .join(Milestone.inspection)
        .join(Inspection.round)
        .where(
            Milestone.kind == MilestoneKind.DEMOCRATIC_MEETING,
            Milestone.done_on.is_not(None),
            Round.status != RoundStatus.ARCHIVED,
        )
    )
    row = book.session.scalars(query.order_by(Milestone.id).limit(1)).first()
    if row is None or row.done_on is None:
        return
    clerk = actor_of(
        _user(book, Role.OFFICE_CLERK, User.region_id == row.inspection.conducting_region_id)
    )
    edit_milestone(
        book.session,
        row,
        due_on=row.due_on,
        done_on=row.done_on,
        exempt_reason=None,
        file=_stored(storage, "专题民主生活会情况报告", row.done_on, clerk, book),
        actor=clerk,
        now=book.now,
    )


def _stored(storage: FileStorage, title: str, day: date, actor: Actor, book: Book) -> StoredFile:
    document = OfficialDocument(title=title, created_on=day)
    document.paragraph("按照巡察整改工作要求，现将有关情况报告如下。")
    document.heading("总体情况")
    document.paragraph("各项整改任务已明确责任领导和完成时限，按计划推进。")
    data = io.BytesIO(document.to_bytes())
    return storage.store(data, f"{title}.docx", actor=actor, now=book.now)
