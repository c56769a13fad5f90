"""Slots of a template, and how figures are written into them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.rounds.rules import RoundKind
from tracker.statistics.rules import (
    Basis,
    CountingUnit,
    Definition,
    Figure,
    FigureGroup,
    FigureKind,
    Part,
    Reading,
)
from tracker.summaries.rules import (
    BLANK,
    FORMS_OF,
    Form,
    Slot,
    check_form,
    committee_of,
    fill,
    parse,
)


def figure(kind: FigureKind, reading: Reading) -> Figure:
    definition = Definition(
        code="code",
        name="名称",
        group=FigureGroup.PROGRESS,
        wording="口径。",
        unit=CountingUnit.ITEM,
        kind=kind,
    )
    return Figure(definition=definition, as_of=date(2026, 11, 16), reading=reading)


def written(slot: str, kind: FigureKind, reading: Reading) -> str:
    (one,) = parse(f"{{{slot}}}")
    assert isinstance(one, Slot)
    return fill(one, figure(kind, reading)).text


def test_words_and_slots_come_in_turn_and_nothing_is_lost() -> None:
    pieces = parse("本届{党委}已开展{专项:已巡察对象.行政村|数}个")
    assert pieces[0] == "本届"
    assert pieces[1] == Slot(raw="党委", name="党委")
    assert pieces[3] == Slot(
        raw="专项:已巡察对象.行政村|数",
        name="已巡察对象",
        part="行政村",
        form=Form.NUMBER,
        kind=RoundKind.SPECIAL,
    )
    assert pieces[4] == "个"


@given(st.text(alphabet="本届{}|.:：数 \n已", max_size=30))
def test_a_template_is_read_whole_or_refused_with_a_sentence(body: str) -> None:
    said = ""
    try:
        pieces = parse(body)
    except DomainError as error:
        said = str(error)
    else:
        for piece in pieces:
            said += piece if isinstance(piece, str) else f"{{{piece.raw}}}"
    assert said == body or said.endswith("。")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("对{个", "花括号"),
        ("对}个", "花括号"),
        ("{}", "写法不对"),
        ("{已巡察对象|多少}", "多少"),
        ("{某轮:已巡察对象}", "某轮"),
    ],
)
def test_a_slot_that_cannot_be_is_named(body: str, word: str) -> None:
    with pytest.raises(DomainError, match=word):
        parse(body)


@pytest.mark.parametrize("kind", FigureKind)
def test_each_kind_takes_its_own_forms_only(kind: FigureKind) -> None:
    for form in Form:
        slot = Slot(raw=f"名称|{form.label}", name="名称", form=form)
        if form in FORMS_OF[kind]:
            check_form(slot, kind)
        else:
            with pytest.raises(DomainError, match=form.label):
                check_form(slot, kind)


@pytest.mark.parametrize(
    ("slot", "kind", "above", "below", "text"),
    [
        ("名称", FigureKind.COUNT, 215, None, "215条"),
        ("名称|数", FigureKind.COUNT, 215, None, "215"),
        ("名称|余", FigureKind.COUNT, 215, None, "210余"),
        ("名称|汉字", FigureKind.COUNT, 4, None, "四"),
        ("名称|完成", FigureKind.OF, 6, 34, "6"),
        ("名称|总数", FigureKind.OF, 6, 34, "34"),
        ("名称|比率", FigureKind.OF, 6, 34, "17.6%"),
        ("名称", FigureKind.SHARE, 66, 154, "42.9%"),
        ("名称", FigureKind.GROWTH, 1708, 1170, "同比增长46%"),
        ("名称|增幅", FigureKind.GROWTH, 1782, 1134, "增长57.1%"),
        ("名称|增幅", FigureKind.GROWTH, 10, 10, "持平"),
        ("名称|增幅", FigureKind.GROWTH, 10, 0, "无同期可比数"),
        ("名称|本期", FigureKind.GROWTH, Decimal("1683.0000"), 1119, "1683"),
        ("名称|数", FigureKind.COUNT, 0, None, "0"),
    ],
)
def test_a_figure_is_written_in_the_form_asked_for(
    slot: str, kind: FigureKind, above: int, below: int | None, text: str
) -> None:
    assert written(slot, kind, Reading(numerator=above, denominator=below)) == text


def test_what_is_not_known_is_a_blank_with_the_reason_and_never_nought() -> None:
    (slot,) = parse("{名称|数}")
    assert isinstance(slot, Slot)
    unknown = Reading(numerator=None, reason="县区尚未填报。", basis=Basis.ENTERED)
    piece = fill(slot, figure(FigureKind.COUNT, unknown))
    assert (piece.text, piece.reason) == (BLANK, "县区尚未填报。")
    nothing = fill(slot, figure(FigureKind.SHARE, Reading(numerator=0, denominator=0)))
    assert "0" in nothing.text  # the numerator alone is known
    (share,) = parse("{名称}")
    assert isinstance(share, Slot)
    rate = fill(share, figure(FigureKind.SHARE, Reading(numerator=0, denominator=0)))
    assert rate.text == BLANK
    assert "分母" in rate.reason


def test_a_part_that_is_counted_and_empty_is_nought_an_entered_one_is_blank() -> None:
    village = Part(key="village", label="行政村", numerator=18)
    counted = Reading(numerator=18, parts=(village,))
    assert written("名称.行政村|数", FigureKind.COUNT, counted) == "18"
    assert written("名称.village|数", FigureKind.COUNT, counted) == "18"
    assert written("名称.社区|数", FigureKind.COUNT, counted) == "0"
    entered = Reading(numerator=882, basis=Basis.ENTERED, parts=())
    assert written("名称.东岭县|数", FigureKind.COUNT, entered) == BLANK
    late = Part(key="X", label="东岭县", basis=Basis.ENTERED, numerator=None, note="未报")
    (slot,) = parse("{名称.东岭县|数}")
    assert isinstance(slot, Slot)
    reading = Reading(numerator=3, basis=Basis.ENTERED, parts=(late,))
    assert fill(slot, figure(FigureKind.COUNT, reading)).reason == "未报"


@pytest.mark.parametrize(
    ("region", "committee"),
    [("云州市", "市委"), ("云岭县", "县委"), ("松河区", "区委"), ("集团", "党委")],
)
def test_a_committee_is_called_after_its_region(region: str, committee: str) -> None:
    assert committee_of(region) == committee
