"""Load import batches, their rows, and header words: only those of the actor's own office."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.files.models import StoredFile
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.ledger.columns import Field
from tracker.ledger.corrections import Cell, Correction, Corrections
from tracker.ledger.header_words import Meaning, meaning_from
from tracker.ledger.models import HeaderWord, ImportBatch, ImportCorrection, ImportRow
from tracker.ledger.rules import BatchState, RowFate
from tracker.organizations.scope import conducts
from tracker.rounds.models import Round

LIST_SIZE = 200
PAGE_SIZE = 50
ATTENTION = (RowFate.REFUSED, RowFate.DOUBTFUL)
_RANK = case({fate: place for place, fate in enumerate(RowFate)}, value=ImportRow.fate)


def list_batches(session: Session, *, actor: Actor) -> list[ImportBatch]:
    """Return the office's imports, the newest first."""
    query = (
        select(ImportBatch)
        .where(conducts(actor, region=ImportBatch.region_id))
        .options(joinedload(ImportBatch.round), joinedload(ImportBatch.file))
        .order_by(ImportBatch.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def get_batch(session: Session, batch_id: int, *, actor: Actor) -> ImportBatch:
    """Return an import of the actor's office."""
    query = (
        select(ImportBatch)
        .where(ImportBatch.id == batch_id, conducts(actor, region=ImportBatch.region_id))
        .options(
            joinedload(ImportBatch.round).joinedload(Round.term),
            joinedload(ImportBatch.round).joinedload(Round.region),
            joinedload(ImportBatch.round).joinedload(Round.profile),
            joinedload(ImportBatch.file),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def latest_import(session: Session, tour: Round, sha256: str) -> ImportBatch:
    """Return the newest finished import of exactly this file into a round. DomainError for none."""
    query = (
        select(ImportBatch)
        .join(ImportBatch.file)
        .where(
            ImportBatch.round_id == tour.id,
            ImportBatch.state == BatchState.APPLIED,
            StoredFile.sha256 == sha256,
        )
        .order_by(ImportBatch.id.desc())
    )
    found = session.scalars(query).first()
    if found is None:
        raise DomainError(f"这个文件没有导入过“{tour.name}”，或已经撤销。")
    return found


def rows_of(
    session: Session,
    batch: ImportBatch,
    fates: Sequence[RowFate],
    *,
    page: int,
    size: int = PAGE_SIZE,
) -> list[ImportRow]:
    """Return one page (from 1) of the rows with one of the fates, the worst first, and one row
    more when there is a next page."""
    return _page(session, batch, ImportRow.fate.in_(fates), page=page, size=size)


def corrected_rows(
    session: Session, batch: ImportBatch, *, page: int, size: int = PAGE_SIZE
) -> list[ImportRow]:
    """Return one page of the rows in which a person has corrected a cell, as `rows_of` does."""
    return _page(session, batch, ImportRow.is_corrected.is_(True), page=page, size=size)


def _page(
    session: Session, batch: ImportBatch, wanted: ColumnElement[bool], *, page: int, size: int
) -> list[ImportRow]:
    query = (
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, wanted)
        .order_by(_RANK, ImportRow.id)
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    return list(session.scalars(query))


def rows_at(session: Session, batch: ImportBatch, cells: Iterable[Cell]) -> list[ImportRow]:
    """Return the rows in which some cells stand."""
    places = {(cell.sheet, cell.row) for cell in cells}
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.row_no.in_({row for _, row in places})
    )
    return [row for row in session.scalars(query) if (row.sheet, row.row_no) in places]


def standing_corrections(session: Session, batch: ImportBatch) -> dict[Cell, ImportCorrection]:
    """Return the corrections of a batch that hold now, by their cell."""
    query = select(ImportCorrection).where(
        ImportCorrection.batch_id == batch.id, ImportCorrection.is_standing
    )
    return {Cell(r.sheet, r.row_no, Field(r.field)): r for r in session.scalars(query)}


def corrections_of(session: Session, batch: ImportBatch) -> Corrections:
    """Return the same as a reading takes them."""
    rows = standing_corrections(session, batch)
    return Corrections.of((c, Correction(r.text, bool(r.column))) for c, r in rows.items())


def count_rows(session: Session, batch: ImportBatch) -> dict[RowFate, int]:
    """Return how many rows have which fate."""
    query = (
        select(ImportRow.fate, func.count())
        .where(ImportRow.batch_id == batch.id)
        .group_by(ImportRow.fate)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    return {fate: counts.get(fate, 0) for fate in RowFate}


def count_corrected(session: Session, batch: ImportBatch) -> int:
    """Return in how many rows a person has corrected a cell."""
    query = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.is_corrected)
    return session.scalar(query) or 0


def words_of(session: Session, region_id: int) -> dict[str, Meaning]:
    """Return the header words that an office has confirmed, by their key."""
    query = select(HeaderWord.word, HeaderWord.meaning).where(HeaderWord.region_id == region_id)
    return {row.word: meaning_from(row.meaning) for row in session.execute(query)}


def list_header_words(session: Session, *, actor: Actor) -> list[HeaderWord]:
    """Return the office's header words, those of one meaning together."""
    query = (
        select(HeaderWord)
        .where(conducts(actor, region=HeaderWord.region_id))
        .order_by(HeaderWord.meaning, HeaderWord.word)
    )
    return list(session.scalars(query))


def get_header_word(session: Session, header_word_id: int, *, actor: Actor) -> HeaderWord:
    """Return a header word of the actor's office."""
    query = select(HeaderWord).where(
        HeaderWord.id == header_word_id, conducts(actor, region=HeaderWord.region_id)
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found
