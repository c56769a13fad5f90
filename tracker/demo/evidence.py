"""Two tasks of one unit with evidence: a revised document, photos, and a file that serves twice."""

import io
from datetime import date

from PIL import Image, ImageDraw
from sqlalchemy import select

from tracker.demo.book import Book
from tracker.documents.official import OfficialDocument
from tracker.files.models import StoredFile
from tracker.files.photos import Photo, combined
from tracker.files.storage import FileStorage
from tracker.kernel.permissions import Actor, Role
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import Evidence, Task
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.proving import Statement, add_evidence, revise_evidence

DOCUMENT = "财务审批办法"
PHOTOS = "公示栏现场照片"
COLOURS = ("#4a6f8a", "#7a8a4a", "#8a5f4a")


def add_example_evidence(book: Book, storage: FileStorage) -> list[Evidence]:
    """Hand in what a liaison would; nothing where no unit has two tasks under way."""
    found = _two_tasks(book)
    if found is None:
        return []
    first, second, actor = found
    day = book.ago(20)
    draft = _stored(book, storage, _document("（征求意见稿）", day), f"{DOCUMENT}.docx", actor)
    piece = add_evidence(
        book.session, first, draft, _said(DOCUMENT, day), actor=actor, now=book.now
    )
    final = _stored(book, storage, _document("", day), f"{DOCUMENT}（印发）.docx", actor)
    issued = _said("", book.ago(12))
    newest = revise_evidence(book.session, piece, final, issued, actor=actor, now=book.now)
    made = [piece, newest]
    for task in (first, second):
        photos = _photos(book, storage, actor)
        said = _said(PHOTOS, book.ago(10))
        made.append(add_evidence(book.session, task, photos, said, actor=actor, now=book.now))
    return made


def _two_tasks(book: Book) -> tuple[Task, Task, Actor] | None:
    liaisons = select(User).where(User.role == Role.UNIT_LIAISON).order_by(User.id)
    for user in book.session.scalars(liaisons):
        query = select(Task).where(
            Task.lead_unit_id == user.unit_id, Task.state == TaskState.IN_PROGRESS
        )
        tasks = list(book.session.scalars(query.order_by(Task.id).limit(2)))
        if len(tasks) == 2:
            return tasks[0], tasks[1], actor_of(user)
    return None


def _said(title: str, day: date) -> Statement:
    return Statement(title=title, document_on=day, is_confirmed_not_secret=True)


def _document(stage: str, day: date) -> bytes:
    document = OfficialDocument(title=f"{DOCUMENT}{stage}", created_on=day)
    document.paragraph("为规范财务审批，明确各级审批权限，结合实际，制定本办法。")
    document.heading("审批权限")
    document.paragraph(
        "一万元以下由分管领导审批，一万元以上由领导班子集体研究决定，并形成会议纪要。"
    )
    document.heading("监督检查")
    document.paragraph("每季度开展一次自查，自查结果在单位内部公示。")
    return document.to_bytes()


def _stored(book: Book, storage: FileStorage, data: bytes, name: str, actor: Actor) -> StoredFile:
    return storage.store(io.BytesIO(data), name, actor=actor, now=book.now)


def _photos(book: Book, storage: FileStorage, actor: Actor) -> StoredFile:
    photos = [Photo(f"IMG_{n}.jpg", _photo(colour)) for n, colour in enumerate(COLOURS, start=1)]
    with combined(photos) as made:
        return storage.store(made.file, f"{PHOTOS}.pdf", actor=actor, now=book.now)


def _photo(colour: str) -> io.BytesIO:
    """A board with four sheets on it, in a colour."""
    picture = Image.new("RGB", (1200, 900), colour)
    drawing = ImageDraw.Draw(picture)
    for left in (140, 640):
        for top in (110, 490):
            drawing.rectangle((left, top, left + 420, top + 300), fill="white", outline="black")
            for line in range(top + 40, top + 280, 34):
                drawing.line((left + 40, line, left + 380, line), fill="#999999", width=6)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    out.seek(0)
    return out
