"""Writes a sheet of the corpus as .csv or .tsv in an encoding."""

import csv
import io

from tests.ledgers.books import Book


def to_text(book: Book, *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Return the only sheet of a book as separated text, with the line ends of Excel."""
    (sheet,) = book.sheets
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows(["" if value is None else str(value) for value in row] for row in sheet.rows)
    return target.getvalue().encode(encoding)
