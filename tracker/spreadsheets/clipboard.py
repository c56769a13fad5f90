"""Tables as Excel and WPS put them on the clipboard: cells by tab, rows by line break.

A cell is quoted only when it holds a tab, a line break or a quote; Excel leaves quotes alone in a
cell without the others, so that “"三重一大"不落实” arrives as it stands and must stay so.
"""

import csv
import io
import re

END = re.compile("[\t\n]|$(?![\\s\\S])")
QUOTED = re.compile('"((?:[^"]|"")*+)"(?=[\t\n]|$(?![\\s\\S]))')


def read_clipboard(text: str) -> list[list[str]]:
    """Return the rows of a pasted text; line breaks become line feeds, the last one ends a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[str]] = []
    row: list[str] = []
    place = 0
    while place < len(text):
        cell, place = _cell(text, place)
        row.append(cell)
        sign, place = text[place : place + 1], place + 1
        if sign != "\t":
            rows.append(row)
            row = []
        elif place == len(text):
            row.append("")
    return [*rows, row] if row else rows


def _cell(text: str, place: int) -> tuple[str, int]:
    """Return the cell that begins at a place, and where it ends."""
    quoted = QUOTED.match(text, place)
    if quoted is not None and (not quoted[1] or re.search('[\t\n"]', quoted[1])):
        return quoted[1].replace('""', '"'), quoted.end()
    end = END.search(text, place)
    last = end.start() if end else len(text)
    return text[place:last], last


def write_tsv(rows: list[list[str]]) -> str:
    """Return rows as tab-separated text that `text_reader` and `read_clipboard` read back."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(rows)
    return out.getvalue()
