"""What the file of an official document says, element by element (GB/T 9704-2012)."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.reading import CREATED, begin, opened, part, sample, style, value


def test_the_paper_is_a4_with_the_standard_margins() -> None:
    section = opened(begin()).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]


@pytest.mark.parametrize(
    ("style_id", "font", "half_points", "pitch", "align"),
    [
        ("Normal", "仿宋_GB2312", "32", "560", "both"),
        ("BodyText", "仿宋_GB2312", "32", "560", "both"),
        ("Title", "方正小标宋简体", "44", "700", "center"),
        ("Heading1", "黑体", "32", "560", "both"),
        ("Heading2", "楷体_GB2312", "32", "560", "both"),
        ("Heading3", "仿宋_GB2312", "32", "560", "both"),
        ("Heading4", "仿宋_GB2312", "32", "560", "both"),
        ("TableHead", "黑体", "21", "320", "center"),
        ("TableText", "仿宋_GB2312", "21", "320", "left"),
    ],
)
def test_a_style_names_its_chinese_font_size_and_fixed_pitch(
    style_id: str, font: str, half_points: str, pitch: str, align: str
) -> None:
    found = style(begin(), style_id)
    assert value(found, "./w:rPr/w:rFonts/@w:eastAsia") == font
    assert value(found, "./w:rPr/w:sz/@w:val") == half_points
    assert value(found, "./w:pPr/w:spacing/@w:line") == pitch
    assert value(found, "./w:pPr/w:spacing/@w:lineRule") == "exact"
    assert value(found, "./w:pPr/w:jc/@w:val") == align


def test_no_style_leans_on_a_theme_font() -> None:
    assert not re.search(r"(ascii|hAnsi|eastAsia|cs)[tT]heme=", part(sample(), "word/styles.xml"))


def test_the_text_is_marked_as_chinese() -> None:
    styles = opened(begin()).styles.element
    assert value(styles, "./w:docDefaults//w:lang/@w:eastAsia") == "zh-CN"
    settings_xml = part(begin(), "word/settings.xml")
    assert 'w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"' in settings_xml


def test_body_text_begins_two_characters_in() -> None:
    assert value(style(begin(), "BodyText"), "./w:pPr/w:ind/@w:firstLineChars") == "200"


def test_every_style_used_is_defined() -> None:
    document = opened(sample())
    defined = set(document.styles.element.xpath("./w:style/@w:styleId"))
    used = set(document.element.body.xpath(".//w:pStyle/@w:val"))
    assert used <= defined


def test_every_run_gives_quotes_and_dashes_to_the_chinese_font() -> None:
    for run in opened(sample()).element.body.xpath(".//w:r[w:t]"):
        assert value(run, "./w:rPr/w:rFonts/@w:hint") == "eastAsia"


def test_headings_count_on_and_begin_anew_below_a_higher_one() -> None:
    document = begin()
    for text, level in [
        ("甲", 1),
        ("乙", 2),
        ("丙", 2),
        ("丁", 3),
        ("戊", 4),
        ("己", 4),
        ("庚", 1),
        ("辛", 2),
    ]:
        document.heading(text, level)
    document.heading("附", numbered=False)
    texts = [found.text for found in opened(document).paragraphs[1:]]
    assert texts == [
        "一、甲",
        "（一）乙",
        "（二）丙",
        "1.丁",
        "（1）戊",
        "（2）己",
        "二、庚",
        "（一）辛",
        "附",
    ]


def test_headings_show_in_the_outline() -> None:
    assert value(style(begin(), "Heading2"), "./w:pPr/w:outlineLvl/@w:val") == "1"


@pytest.mark.parametrize("level", [0, 5])
def test_a_level_the_standard_does_not_know_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match="heading level"):
        begin().heading("甲", level)


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages() -> None:
    document = opened(sample())
    assert document.settings.odd_and_even_pages_header_footer
    first = document.sections[0]
    for footer, side in ((first.footer, "right"), (first.even_page_footer, "left")):
        line = footer.paragraphs[0]._p
        assert value(line, "./w:pPr/w:jc/@w:val") == side
        assert value(line, f"./w:pPr/w:ind/@w:{side}Chars") == "100"
        assert "".join(line.xpath(".//w:t/text()")) == "— 1 —"
        assert line.xpath(".//w:instrText/text()") == ["PAGE"]


def test_page_numbers_are_4_hao_song() -> None:
    fonts = style(begin(), "Footer").find(qn("w:rPr"))
    assert value(fonts, "./w:rFonts/@w:eastAsia") == "宋体"
    assert value(fonts, "./w:rFonts/@w:ascii") == "宋体"
    assert value(fonts, "./w:sz/@w:val") == "28"


def test_later_sections_keep_the_page_numbers() -> None:
    for section in list(opened(sample()).sections)[1:]:
        assert section.footer.is_linked_to_previous
        assert section.even_page_footer.is_linked_to_previous


def test_lines_of_a_text_become_paragraphs() -> None:
    document = begin()
    document.paragraph("第一段。\r\n\n  第二段。  ")
    assert [found.text for found in opened(document).paragraphs[1:]] == ["第一段。", "第二段。"]


def test_a_title_keeps_its_line_breaks() -> None:
    document = opened(begin("第四轮巡察\n整改工作周报"))
    assert document.paragraphs[0].text == "第四轮巡察\n整改工作周报"
    assert document.core_properties.title == "第四轮巡察整改工作周报"


def test_the_date_stands_four_characters_in_and_the_organ_is_centred_over_it() -> None:
    document = begin()
    document.signature(["云州市委巡察办", "2026年11月23日"])
    lines = opened(document).paragraphs[-2:]
    right = [int(value(line._p, "./w:pPr/w:ind/@w:rightChars")) for line in lines]
    assert right == [400, 400]  # seven characters each


def test_a_long_organ_stands_two_characters_in_and_moves_the_date() -> None:
    document = begin()
    document.signature(["中共云州市委巡察工作领导小组办公室", "2026年11月23日"])
    lines = opened(document).paragraphs[-2:]
    right = [int(value(line._p, "./w:pPr/w:ind/@w:rightChars")) for line in lines]
    assert right == [200, 700]  # 17 and 7 characters: both centres 10.5 from the margin


def test_no_signature_adds_nothing() -> None:
    document = begin()
    document.signature([])
    assert len(opened(document).paragraphs) == 1


def test_the_same_input_gives_the_same_bytes_at_any_time() -> None:
    with time_machine.travel("2026-11-23 09:00:00+08:00", tick=False):
        first = sample().to_bytes()
    with time_machine.travel("2027-01-04 17:30:00+08:00", tick=False):
        assert sample().to_bytes() == first


def test_the_file_names_its_author_and_the_given_day_only() -> None:
    document = begin()
    properties = opened(document).core_properties
    assert properties.author == properties.last_modified_by == "云州市委巡察办"
    assert properties.created.date() == properties.modified.date() == CREATED
    assert "python" not in part(document, "docProps/core.xml")


def test_the_file_carries_no_ballast() -> None:
    with ZipFile(BytesIO(sample().to_bytes())) as archive:
        names = archive.namelist()
    assert not [name for name in names if re.search("thumbnail|customXml|numbering|Effects", name)]


@settings(max_examples=40)
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_makes_a_file_that_opens(text: str) -> None:
    document = begin(text)
    document.heading(text)
    document.paragraph(text)
    document.table([text], [[text]])
    document.signature([text])
    assert opened(document).tables
