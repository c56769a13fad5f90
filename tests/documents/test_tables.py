"""Tables of an official document, upright and on wide pages."""

import pytest

from tests.documents.reading import begin, mm, opened, sample
from tracker.documents.tables import fitted_widths


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
