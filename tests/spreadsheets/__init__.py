"""Tests of the spreadsheet kernel: guard, sanitiser, reader, writer."""
