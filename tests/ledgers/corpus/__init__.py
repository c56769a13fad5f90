"""The corpus: one file for every trap of a ledger, with what must be read out of it, written by hand."""

from tests.ledgers.books import LedgerFile
from tests.ledgers.corpus import days, formats, headers, headings, lists, merges, places

CORPUS: tuple[LedgerFile, ...] = (
    *headers.FILES,
    *merges.FILES,
    *headings.FILES,
    *lists.FILES,
    *days.FILES,
    *places.FILES,
    *formats.FILES,
)
