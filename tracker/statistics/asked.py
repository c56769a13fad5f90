"""What is asked of figures in words: by an address, by a command. One reading for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.feedback.rules import FeedbackSource
from tracker.kernel.errors import DomainError
from tracker.kernel.formats import chinese_date
from tracker.kernel.labels import LabelledEnum
from tracker.organizations.models import Region, Unit
from tracker.organizations.queries import own_and_counties
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.rounds.models import Round, Term
from tracker.rounds.rules import RoundKind
from tracker.statistics.filters import Filter
from tracker.statistics.queries.choices import rounds_seen, tags_seen, themes_of, units_seen
from tracker.statistics.queries.query import FIELDS, FigureQuery, terms_of
from tracker.statistics.spans import year_begun

COMPARED = "year_on_year"
"""Name of the switch 与上年同期比较 in an address."""
Word = TypeVar("Word", bound=LabelledEnum)
Found = tuple[Any, str]
"""A value of a question's field, and how it is said."""


class UnknownFilterError(DomainError):
    """What is asked for does not exist, or not for this reader. A page answers 404."""


class BadDayError(DomainError):
    """A day that is none, or lies after the day of the figures."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question, what it is narrowed to as typed (to be kept in links) and as it is said."""

    query: FigureQuery
    kept: Mapping[str, str]
    said: Mapping[Filter, str]
    is_compared: bool

    @property
    def words(self) -> str:
        """Return the filters in force in words; empty without any."""
        return "；".join(self.said.values())


def ask(session: Session, query: FigureQuery, typed: Mapping[str, str]) -> Asked:
    """Narrow a question to what is typed, by the filters' names.

    UnknownFilterError says in a sentence what there is not, BadDayError what is no day.
    """
    given = {one: typed[one.value].strip() for one in Filter if typed.get(one.value, "").strip()}
    is_compared = bool(typed.get(COMPARED))
    if is_compared and Filter.SINCE not in given:
        given[Filter.SINCE] = year_begun(query.as_of).isoformat()
    found = {one: _LOOK_UPS[one](session, query, text) for one, text in given.items()}
    fields = {FIELDS[one]: value for one, (value, _words) in found.items()}
    kept = {one.value: text for one, text in given.items()}
    return Asked(
        query=replace(query, **fields),
        kept={**kept, COMPARED: "1"} if is_compared else kept,
        said={one: f"{one.label}：{words}" for one, (_value, words) in found.items()},
        is_compared=is_compared,
    )


def _term(session: Session, query: FigureQuery, text: str) -> Found:
    is_id = text.isascii() and text.isdigit() and len(text) < 10
    term = session.scalar(terms_of(query.region_id).where(Term.id == int(text))) if is_id else None
    if term is None:
        raise UnknownFilterError(f"没有“{text}”这一届，请核对。")
    return term.id, f"第{term.number}届"


def _round(session: Session, query: FigureQuery, text: str) -> Found:
    tour = session.scalar(rounds_seen(query).where(Round.code == text))
    if tour is None:
        raise UnknownFilterError(f"没有代码为“{text}”的轮次，请核对。")
    return tour.id, tour.name


def _theme(session: Session, query: FigureQuery, text: str) -> Found:
    known = themes_of(list(session.scalars(rounds_seen(query))))
    if text not in known:
        raise UnknownFilterError(f"没有主题为“{text}”的轮次，{_there_are(known)}。")
    return text, text


def _tag(session: Session, query: FigureQuery, text: str) -> Found:
    known = list(session.scalars(tags_seen(query)))
    if text not in known:
        raise UnknownFilterError(f"没有带标签“{text}”的问题，{_there_are(known)}。")
    return text, text


def _unit(session: Session, query: FigureQuery, text: str) -> Found:
    region_code, _, code = text.rpartition("/")
    units = select(Unit).join(Unit.region).where(Unit.code == code, units_seen(query))
    if region_code:
        units = units.where(Region.code == region_code)
    found = list(session.scalars(units))
    own = [unit for unit in found if unit.region_id == query.region_id]
    chosen = own or found
    if not chosen:
        raise UnknownFilterError(f"没有代码为“{text}”的单位，请核对。")
    if len(chosen) > 1:
        raise UnknownFilterError(f"代码“{text}”对应多个单位，请写成 地区代码/单位代码。")
    return chosen[0].id, chosen[0].name


def _place(session: Session, query: FigureQuery, text: str) -> Found:
    for place in own_and_counties(session, query.region_id):
        if place.code == text:
            return place.id, place.name
    raise UnknownFilterError(f"没有代码为“{text}”的地区，请核对。")


def _since(_session: Session, query: FigureQuery, text: str) -> Found:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadDayError(f"起始日“{text}”应写成 2026-01-01。") from None
    if day > query.as_of or day.year < query.as_of.year - 100:
        raise BadDayError(f"起始日“{text}”应不晚于数据截至日{query.as_of}，也不早于其前100年。")
    return day, f"{chinese_date(day)}起"


def _word(words: type[Word], name: str) -> "LookUp":
    """Return a look-up of one word of a fixed list, by its code or as it is said."""

    def look_up(_session: Session, _query: FigureQuery, text: str) -> Found:
        for word in words:
            if text in (word.value, word.label):
                return word, word.label
        raise UnknownFilterError(
            f"{name}没有“{text}”，{_there_are([one.label for one in words])}。"
        )

    return look_up


def _there_are(known: list[str]) -> str:
    return f"可选：{'、'.join(known)}" if known else "目前一个也没有"


LookUp = Callable[[Session, FigureQuery, str], Found]
_LOOK_UPS: Mapping[Filter, LookUp] = {
    Filter.TERM: _term,
    Filter.ROUND: _round,
    Filter.ROUND_KIND: _word(RoundKind, Filter.ROUND_KIND.label),
    Filter.THEME: _theme,
    Filter.SOURCE: _word(FeedbackSource, Filter.SOURCE.label),
    Filter.UNIT: _unit,
    Filter.TAG: _tag,
    Filter.CATEGORY: _word(UnitCategory, Filter.CATEGORY.label),
    Filter.LEVEL: _word(RegionLevel, Filter.LEVEL.label),
    Filter.PLACE: _place,
    Filter.SINCE: _since,
}
