"""What a sentence template is, and how a figure is written into it. Pure.

A slot stands in braces: `{届}`, `{巡察覆盖率}`, `{已巡察对象.行政村|数}`, `{专项:巡察反馈问题|余}`: of
which rounds, which figure by name or code, which part of it, in which form. It is kept with the
codes of figure and part, and read with their names: see `slots`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tracker.kernel.errors import DomainError
from tracker.kernel.formats import (
    NOTHING_TO_DIVIDE_BY,
    Number,
    chinese_numeral,
    over_count,
    percent,
    plain_number,
    year_on_year,
)
from tracker.kernel.labels import LabelledEnum
from tracker.organizations.rules import RegionLevel
from tracker.rounds.rules import RoundKind
from tracker.statistics.rules import Basis, Figure, FigureKind, Part, exact

LONGEST_BODY = 4000
BLANK = "\uff3f\uff3f"  # two wide underscores
SLOT = re.compile(r"\{([^{}\n]*)\}")
SHAPE = re.compile(
    r"(?:(?P<scope>[^:：.|]+)[:：])?(?P<name>[^:：.|]+)(?:\.(?P<part>[^|]+))?(?:\|(?P<form>.+))?"
)
TERM = "本届"
NOT_THERE = "没有这一分项的数字。"
NO_RATE = "分母为零，没有可计算的比率。"


class Purpose(LabelledEnum):
    """What a paragraph is for."""

    CITY_YEAR = "city_year", "市年度报告"
    CITY_COVERAGE = "city_coverage", "市县巡察综述"
    COUNTY_HALF_YEAR = "county_half_year", "县区半年报告"
    DISTRICT = "district", "区级工作总结"
    SOURCES = "sources", "上级反馈整改"
    LETTERS = "letters", "函件、约谈与督查"
    YEAR_ON_YEAR = "year_on_year", "与上年同期比较"


LEVELS = {
    Purpose.CITY_YEAR: frozenset({RegionLevel.CITY}),
    Purpose.CITY_COVERAGE: frozenset({RegionLevel.CITY}),
    Purpose.COUNTY_HALF_YEAR: frozenset({RegionLevel.COUNTY}),
    Purpose.DISTRICT: frozenset({RegionLevel.COUNTY}),
}
OF_ONE_ROUND = frozenset({Purpose.COUNTY_HALF_YEAR, Purpose.DISTRICT})


class Fact(LabelledEnum):
    """Slots that are no figures."""

    REGION = "region", "地区"
    COMMITTEE = "committee", "党委"
    TERM = "term", "届"
    ROUND = "round", "轮"
    ROUND_NAME = "round_name", "轮次"
    THEME = "theme", "主题"
    YEAR = "year", "年"
    AS_OF = "as_of", "数据截至"


class Form(LabelledEnum):
    """How a figure is written."""

    NUMBER = "number", "数"
    NUMERAL = "numeral", "汉字"
    OVER = "over", "余"
    DONE = "done", "完成"
    ALL = "all", "总数"
    SHARE = "share", "比率"
    CURRENT = "current", "本期"
    BEFORE = "before", "上年"
    CHANGE = "change", "增幅"


FORMS = {form.label: form for form in Form}
FACTS = {fact.label: fact for fact in Fact}
KINDS = {kind.label.strip("“”"): kind for kind in RoundKind}
COUNTS = frozenset({Form.NUMBER, Form.NUMERAL, Form.OVER})
RATIOS = frozenset({Form.DONE, Form.ALL, Form.SHARE})
FORMS_OF: Mapping[FigureKind, frozenset[Form]] = {
    FigureKind.COUNT: COUNTS,
    FigureKind.OF: RATIOS,
    FigureKind.SHARE: RATIOS,
    FigureKind.MEAN: frozenset(),
    FigureKind.DELTA: COUNTS,
    FigureKind.GROWTH: frozenset({Form.CURRENT, Form.BEFORE, Form.CHANGE}),
}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One place to be filled. `name`: a fact, or a figure; `is_term`: of the whole term, whichever
    round is asked for; `kind`: of rounds of one kind; `fault`: why it cannot be filled."""

    raw: str
    name: str
    part: str | None = None
    form: Form | None = None
    is_term: bool = False
    kind: RoundKind | None = None
    fault: str = ""

    @property
    def fact(self) -> Fact | None:
        """Return which fact it is; None for a figure."""
        return FACTS.get(self.name)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a paragraph: words, or a filled slot. `reason`: why a slot is blank."""

    text: str
    slot: Slot | None = None
    figure: Figure | None = None
    part: Part | None = None
    reason: str = ""


def parse(body: str) -> list[str | Slot]:
    """Return words and slots in turn. DomainError names a slot that cannot be."""
    pieces = read(body)
    for piece in pieces:
        if isinstance(piece, Slot) and piece.fault:
            raise DomainError(piece.fault)
        if isinstance(piece, str) and (left := re.search("[{}]", piece)):
            around = piece[max(0, left.start() - 8) : left.start() + 8]
            raise DomainError(f"“{around}”处的花括号没有成对，请补上或删去。")
    return pieces


def read(body: str) -> list[str | Slot]:
    """Return words and slots in turn. A slot that cannot be says why; nothing is refused."""
    pieces: list[str | Slot] = []
    end = 0
    for found in SLOT.finditer(body):
        pieces += [body[end : found.start()], _slot(found.group(1))]
        end = found.end()
    pieces.append(body[end:])
    return [piece for piece in pieces if piece != ""]


def renamed(body: str, word: Callable[[str, str | None], tuple[str, str | None]]) -> str:
    """Return a template whose slots call figure and part as `word` does; all else stays."""

    def one(found: re.Match[str]) -> str:
        shape = SHAPE.fullmatch(found.group(1).strip())
        if shape is None:
            return found.group(0)
        name, part = word(shape["name"], shape["part"])
        before, after = shape.string[: shape.start("name")], ""
        if shape["form"] is not None:
            after = f"|{shape['form']}"
        return f"{{{before}{name}{'' if part is None else f'.{part}'}{after}}}"

    return SLOT.sub(one, body)


def _slot(raw: str) -> Slot:
    shape = SHAPE.fullmatch(raw.strip())
    if shape is None:
        return Slot(
            raw=raw, name=raw, fault=f"“{{{raw}}}”写法不对，应写成如 {{已巡察对象.行政村|数}}。"
        )
    scope, form = shape["scope"], shape["form"]
    return Slot(
        raw=raw,
        name=shape["name"],
        part=shape["part"],
        form=FORMS.get(form or ""),
        is_term=scope == TERM,
        kind=KINDS.get(scope or ""),
        fault=_fault(raw, scope, form),
    )


def _fault(raw: str, scope: str | None, form: str | None) -> str:
    if scope is not None and scope not in KINDS and scope != TERM:
        return f"“{{{raw}}}”中的“{scope}”不是范围，可写：{_listed([TERM, *KINDS])}。"
    if form is not None and form not in FORMS:
        return f"“{{{raw}}}”中的“{form}”不是写法，可写：{_listed(FORMS)}。"
    return ""


def _listed(words: Collection[str]) -> str:
    return "、".join(words)


def check_form(slot: Slot, kind: FigureKind) -> None:
    """Refuse a form that a kind of figure cannot take. DomainError says which it can."""
    allowed = FORMS_OF[kind]
    if slot.form is None or slot.form in allowed:
        return
    can = _listed([form.label for form in Form if form in allowed])
    choice = f"可写：{can}。" if can else "请去掉竖线和后面的字。"
    raise DomainError(f"“{{{slot.raw}}}”不能写成“{slot.form.label}”，{choice}")


def fill(slot: Slot, figure: Figure) -> Piece:
    """Write a figure, or a part of it, into its slot; a blank with the reason where there is none.

    A part that a counted figure knows but has nothing in is nought; an entered one is blank.
    """
    part = None if slot.part is None else _part_of(figure, slot.part)
    if slot.part is not None and part is None:
        if figure.reading.basis is not Basis.COUNTED or figure.reading.numerator is None:
            return _blank(slot, figure, figure.reading.reason or NOT_THERE)
        nought = None if figure.reading.denominator is None else 0
        part = Part(key="", label=slot.part, numerator=0, denominator=nought)
    reading = figure.reading
    above = reading.numerator if part is None else part.numerator
    below = reading.denominator if part is None else part.denominator
    if above is None:
        note = reading.reason if part is None else part.note
        return _blank(slot, figure, note or NOT_THERE)
    text = _text(slot, figure, above, below)
    if text == NOTHING_TO_DIVIDE_BY:
        return _blank(slot, figure, NO_RATE)
    return Piece(text=text, slot=slot, figure=figure, part=part)


def _blank(slot: Slot, figure: Figure, reason: str) -> Piece:
    return Piece(text=BLANK, slot=slot, figure=figure, reason=reason)


def _part_of(figure: Figure, word: str) -> Part | None:
    found = (part for part in figure.reading.parts if word in (part.key, part.label))
    return next(found, None)


def _text(slot: Slot, figure: Figure, above: Number, below: Number | None) -> str:
    match slot.form:
        case Form.NUMBER | Form.DONE | Form.CURRENT:
            return plain_number(Decimal(exact(above)))
        case Form.NUMERAL:
            return chinese_numeral(int(above))
        case Form.OVER:
            return over_count(int(above))
        case Form.ALL | Form.BEFORE:
            return NOTHING_TO_DIVIDE_BY if below is None else plain_number(Decimal(exact(below)))
        case Form.SHARE:
            return percent(above, below or 0)
        case Form.CHANGE:
            return year_on_year(above, below).removeprefix("同比")
    if slot.part is None:
        return figure.text
    return figure.part_text(Part(key="", label="", numerator=above, denominator=below))


def committee_of(region_name: str) -> str:
    """Return how a region's party committee is called: 市委, 县委, 区委; else 党委."""
    last = region_name[-1:]
    return f"{last}委" if last in ("市", "县", "区", "州", "旗") else "党委"
