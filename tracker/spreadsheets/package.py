"""The parts of an .xlsx package that a cell reader does not tell: sheet parts, epoch, number formats.

Part numbers after ECMA-376 part 1 (SpreadsheetML). Only files that the guard has passed come here.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tracker.spreadsheets.guard import WORKBOOK_PART, damaged

ZERO_PADDING = re.compile(r'^(?:0{2,20}|"?0+"?0+)$')


@dataclass(frozen=True)
class Package:
    """What lies around the sheets: `sheet_parts` maps a sheet's name to its part in the archive."""

    sheet_parts: dict[str, str]
    date_1904: bool
    padded_styles: dict[str, int]


def open_package(archive: zipfile.ZipFile) -> Package:
    """Read workbook, relations and styles. Raises RefusedFileError (damaged) when they make no sense."""
    book = _parse(archive, WORKBOOK_PART)
    targets = dict(_relations(archive))
    parts = {
        node.get("name", ""): targets[target]
        for node in _children(book, "sheet")
        if (target := _relation_id(node)) in targets
    }
    properties = next(_children(book, "workbookPr"), None)
    epoch = properties.get("date1904", "") if properties is not None else ""
    return Package(parts, epoch.lower() in {"1", "true", "on"}, _padded_styles(archive))


def _relations(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Give (relation id, part name as the archive spells it)."""
    spelled = {name.lower(): name for name in archive.namelist()}
    for node in _children(_parse(archive, "xl/_rels/workbook.xml.rels"), "Relationship"):
        target = node.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        part = spelled.get(posixpath.normpath(path).lower())
        if part is not None:
            yield node.get("Id", ""), part


def _relation_id(node: Element) -> str:
    return next((value for key, value in node.attrib.items() if key.endswith("}id")), "")


def _padded_styles(archive: zipfile.ZipFile) -> dict[str, int]:
    """Map a style index to its width when its format pads with zeros, as “000” does: 7 is shown 007."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = _parse(archive, "xl/styles.xml")
    widths = {
        node.get("numFmtId", ""): code.count("0")
        for node in _children(styles, "numFmt")
        if ZERO_PADDING.match(code := node.get("formatCode", ""))
    }
    formats = next(_children(styles, "cellXfs"), None)
    indexed = enumerate(formats if formats is not None else ())
    return {
        str(i): widths[key] for i, node in indexed if (key := node.get("numFmtId", "")) in widths
    }


def _children(root: Element, local_name: str) -> Iterator[Element]:
    """Give the elements of a local name at any depth, whatever their name space (strict or not)."""
    return (node for node in root.iter() if str(node.tag).rpartition("}")[2] == local_name)


def _parse(archive: zipfile.ZipFile, part: str) -> Element:
    spelled = {name.lower(): name for name in archive.namelist()}
    try:
        root: Any = fromstring(archive.read(spelled[part.lower()]))
    except (KeyError, ParseError, DefusedXmlException) as error:
        raise damaged() from error
    checked: Element = root
    return checked
