"""Keep an office's words, and fill them with figures."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from tracker.audit.service import record
from tracker.kernel.db import born
from tracker.kernel.errors import DomainError
from tracker.kernel.formats import chinese_date, chinese_numeral
from tracker.kernel.permissions import Actor, may
from tracker.organizations.models import Region
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Round, Term
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.registry.metric import Metric
from tracker.statistics.rules import Basis, Figure
from tracker.statistics.service import measure
from tracker.summaries.models import SummaryTemplate
from tracker.summaries.rules import (
    BLANK,
    LEVELS,
    OF_ONE_ROUND,
    Fact,
    Piece,
    Purpose,
    Slot,
    committee_of,
    fill,
    read,
)
from tracker.summaries.slots import check_body, checked, coded, shown
from tracker.summaries.texts import shipped

NO_ROUND = "没有选定轮次。"
NO_TERM = "截至当日没有在任的届次。"
NO_THEME = "这一轮没有登记主题。"
NOT_READABLE = "您无权查看这个数字。"
OTHER_LEVEL = "本级没有这项数字。"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A filled template: pieces in order, and what stands behind them."""

    purpose: Purpose
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Return what is pasted into a document; blanks stay visible."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def blanks(self) -> list[Piece]:
        """Return the slots without data, each with its reason."""
        return [piece for piece in self.pieces if piece.reason]

    @property
    def figures(self) -> list[Figure]:
        """Return the figures used, each once, for the note below."""
        used = {(one.definition.code, one.reading): one for one in self._used()}
        return list(used.values())

    def _used(self) -> Iterable[Figure]:
        return (piece.figure for piece in self.pieces if piece.figure is not None)


def purposes_of(region: Region) -> list[Purpose]:
    """Return what paragraphs make sense for a region's level."""
    return [one for one in Purpose if region.level in LEVELS.get(one, {region.level})]


@dataclass(frozen=True)
class Wording:
    """The words in use for a purpose. `version`: which saving of the office; 0 is what ships."""

    body: str
    version: int


def wording(session: Session, region_id: int, purpose: Purpose) -> Wording:
    """Return what the office saved last, else what ships; figures by their names of today."""
    last = session.scalar(_savings(region_id, purpose).limit(1))
    return Wording(shipped(purpose), 0) if last is None else Wording(shown(last.body), last.seq)


def history(session: Session, region_id: int, purpose: Purpose) -> list[SummaryTemplate]:
    """Return every saving, the newest first."""
    return list(session.scalars(_savings(region_id, purpose)))


def _savings(region_id: int, purpose: Purpose) -> Select[SummaryTemplate]:
    query = select(SummaryTemplate).where(
        SummaryTemplate.region_id == region_id, SummaryTemplate.purpose == purpose
    )
    return query.order_by(SummaryTemplate.seq.desc())


def bodies(session: Session, region: Region) -> dict[Purpose, str]:
    """Return the words in use for each purpose of a region; one statement."""
    later = aliased(SummaryTemplate)
    is_last = ~exists().where(
        later.region_id == SummaryTemplate.region_id,
        later.purpose == SummaryTemplate.purpose,
        later.seq > SummaryTemplate.seq,
    )
    rows = session.execute(
        select(SummaryTemplate.purpose, SummaryTemplate.body).where(
            SummaryTemplate.region_id == region.id, is_last
        )
    )
    saved = {purpose: shown(body) for purpose, body in rows}
    return {purpose: saved.get(purpose, shipped(purpose)) for purpose in purposes_of(region)}


def keep_template(
    session: Session,
    region_id: int,
    purpose: Purpose,
    body: str,
    *,
    actor: Actor,
    now: datetime,
) -> SummaryTemplate:
    """Save an office's words, figures by their codes; the earlier ones stay.

    DomainError names a slot that cannot be.
    """
    ensure_conducts(actor, region_id)
    check_body(body)
    row = SummaryTemplate(
        region_id=region_id,
        purpose=purpose,
        seq=wording(session, region_id, purpose).version + 1,
        body=coded(body.strip()),
        **born(actor=actor, now=now),
    )
    session.add(row)
    session.flush()  # the trail names it
    record(
        session,
        "summary_template_kept",
        actor=actor,
        now=now,
        object_type="summary_template",
        object_id=row.id,
        detail={"purpose": purpose.label, "seq": row.seq},
    )
    return row


def write_paragraph(
    session: Session, region: Region, query: FigureQuery, purpose: Purpose, body: str
) -> Paragraph:
    """Fill a template with the figures of a region as of the query's day.

    A figure that makes sense for one round is of the query's round where there is one. A slot that
    cannot be filled, as of a figure that is no more, is a blank with the reason.
    """
    writer = _Writer(session, region, query)
    pieces = tuple(
        Piece(text=piece) if isinstance(piece, str) else writer.filled(piece)
        for piece in read(shown(body))
    )
    return Paragraph(purpose=purpose, pieces=pieces)


def query_for(purpose: Purpose, query: FigureQuery) -> FigureQuery:
    """Return the query of a purpose: only those of one round look at the round."""
    return query if purpose in OF_ONE_ROUND else replace(query, round_id=None)


class _Writer:
    """Fills slots; a figure that stands in several is measured once."""

    def __init__(self, session: Session, region: Region, query: FigureQuery) -> None:
        self._session, self._region, self._query = session, region, query
        self._measured: dict[tuple[str, FigureQuery], Figure] = {}

    def filled(self, slot: Slot) -> Piece:
        if not slot.fault and slot.fact is not None:
            text, reason = self._fact(slot.fact)
            return Piece(text=text or BLANK, slot=slot, reason="" if text else reason)
        try:
            metric = checked(slot)
        except DomainError as error:
            return Piece(text=BLANK, slot=slot, reason=str(error))
        if not may(self._query.actor, metric.definition.permission):
            return Piece(text=BLANK, slot=slot, reason=NOT_READABLE)
        if self._region.level not in metric.definition.levels:
            return Piece(text=BLANK, slot=slot, reason=OTHER_LEVEL)
        return fill(slot, self._measure(metric, slot))

    def _measure(self, metric: Metric, slot: Slot) -> Figure:
        query = self._query
        if slot.is_term or slot.kind is not None or not metric.definition.is_per_round:
            query = replace(query, round_id=None, kind=slot.kind)
        key = (metric.definition.code, query)
        if key not in self._measured:
            self._measured[key] = measure(self._session, query, metric.definition.code)
        return self._measured[key]

    def _fact(self, fact: Fact) -> tuple[str, str]:
        """Return a fact's words, and why there are none."""
        if fact in (Fact.ROUND, Fact.ROUND_NAME, Fact.THEME):
            return self._of_round(fact)
        if fact is Fact.TERM:
            term = self._term()
            return ("", NO_TERM) if term is None else (chinese_numeral(term.number), "")
        words = {
            Fact.REGION: self._region.name,
            Fact.COMMITTEE: committee_of(self._region.name),
            Fact.YEAR: str(self._query.as_of.year),
            Fact.AS_OF: chinese_date(self._query.as_of),
        }
        return words[fact], ""

    def _of_round(self, fact: Fact) -> tuple[str, str]:
        tour = self._tour()
        if tour is None:
            return "", NO_ROUND
        words = {
            Fact.ROUND: chinese_numeral(tour.seq),
            Fact.ROUND_NAME: tour.name,
            Fact.THEME: tour.theme or "",
        }
        return words[fact], NO_THEME

    def _tour(self) -> Round | None:
        return self._session.get(Round, self._query.round_id) if self._query.round_id else None

    def _term(self) -> Term | None:
        tour = self._tour()
        if tour is not None:
            return tour.term
        running = select(Term).where(Term.region_id == self._region.id, self._query.in_term())
        return self._session.scalar(running.order_by(Term.number.desc()).limit(1))


def note_of(figure: Figure) -> str:
    """Say a figure's basis in a line for the note: 口径, what was counted, and both parts of a sum."""
    reading = figure.reading
    parts = ""
    if reading.basis is not Basis.COUNTED and reading.parts:
        said = (
            f"{part.label}{'未报' if part.numerator is None else figure.part_text(part)}"
            for part in reading.parts
        )
        parts = f"（{'、'.join(said)}）"
    return f"{figure.definition.name}：{figure.text}{parts}，{reading.basis.label}。{figure.definition.wording}"
