"""What the file of an official document says, element by element (GB/T 9704-2012)."""

import re
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
import time_machine
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.documents.official import OfficialDocument
from tracker.documents.tables import fitted_widths

CREATED = date(2026, 11, 23)
TITLE = "第四轮巡察整改工作周报"
TWIPS_PER_MM = 1440 / 25.4


def begin(title: str = TITLE) -> OfficialDocument:
    return OfficialDocument(title=title, created_on=CREATED, author="云州市委巡察办")


def sample() -> OfficialDocument:
    document = begin()
    document.paragraph("市委巡察工作领导小组：", indented=False)
    document.heading("总体情况")
    document.paragraph("完成了全覆盖任务的42.9%。")
    document.heading("逾期情况", 2)
    with document.landscape():
        document.table(["序号", "单位"], [["1", "示例局"]], [20, 60], centred=[0])
    document.paragraph("抓紧整改。")
    document.signature(["云州市委巡察办", "2026年11月23日"])
    return document


def opened(document: OfficialDocument) -> Any:
    return docx.Document(BytesIO(document.to_bytes()))


def part(document: OfficialDocument, name: str) -> str:
    with ZipFile(BytesIO(document.to_bytes())) as archive:
        return archive.read(name).decode()


def style(document: OfficialDocument, style_id: str) -> Any:
    styles = opened(document).styles.element
    return styles.xpath(f"./w:style[@w:styleId='{style_id}']")[0]


def value(node: Any, path: str) -> str:
    return str(node.xpath(path)[0])


def mm(twips: str | int) -> int:
    return round(int(twips) / TWIPS_PER_MM)


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


def test_a_wide_table_stands_on_a_landscape_page_of_its_own() -> None:
    sections = list(opened(sample()).sections)
    sizes = [(round(s.page_width.mm), round(s.page_height.mm)) for s in sections]
    assert sizes == [(210, 297), (297, 210), (210, 297)]
    turned = sections[1]
    margins = (turned.top_margin, turned.right_margin, turned.bottom_margin, turned.left_margin)
    assert [round(margin.mm) for margin in margins] == [28, 37, 26, 35]


def test_a_document_that_ends_in_landscape_has_no_empty_last_page() -> None:
    document = begin()
    with document.landscape():
        document.table(["甲"], [["1"]])
    assert len(opened(document).sections) == 2


def test_a_table_repeats_its_header_and_keeps_its_rows_whole() -> None:
    table = opened(sample()).element.body.xpath(".//w:tbl")[0]
    rows = table.xpath("./w:tr")
    assert [bool(row.xpath("./w:trPr/w:tblHeader")) for row in rows] == [True, False]
    assert all(row.xpath("./w:trPr/w:cantSplit") for row in rows)
    assert [mm(width) for width in table.xpath("./w:tblGrid/w:gridCol/@w:w")] == [20, 60]
    styles = table.xpath(".//w:pStyle/@w:val")
    assert styles == ["TableHead", "TableHead", "TableCentred", "TableText"]


def test_a_table_never_passes_the_margins() -> None:
    document = begin()
    document.table(["甲", "乙"], [["1", "2"]], [200, 400])
    document.table(["甲", "乙", "丙"], [])
    for table in opened(document).element.body.xpath(".//w:tbl"):
        widths = table.xpath("./w:tblGrid/w:gridCol/@w:w")
        assert mm(sum(map(int, widths))) == 156


def test_widths_shrink_together() -> None:
    assert fitted_widths(2, [100, 300], 200) == [50, 150]


def test_two_tables_in_a_row_stay_two() -> None:
    document = begin()
    document.table(["甲"], [["1"]])
    document.table(["乙"], [["2"]])
    body = opened(document).element.body
    assert len(body.xpath("./w:tbl")) == 2
    assert not body.xpath("./w:tbl/following-sibling::*[1][self::w:tbl]")


def test_lines_of_a_cell_are_paragraphs_and_an_empty_cell_has_one() -> None:
    document = begin()
    document.table(["任务", "原因"], [["修订制度\n建立台账", ""]])
    cells = opened(document).tables[0].rows[1].cells
    assert [found.text for found in cells[0].paragraphs] == ["修订制度", "建立台账"]
    assert [found.text for found in cells[1].paragraphs] == [""]


@pytest.mark.parametrize(("rows", "widths"), [([["1"]], None), ([["1", "2"]], [10])])
def test_a_table_whose_cells_do_not_fit_its_header_is_refused(
    rows: list[list[str]], widths: list[float] | None
) -> None:
    with pytest.raises(ValueError, match="as many cells"):
        begin().table(["甲", "乙"], rows, widths)


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
