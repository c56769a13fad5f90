"""Tests of the ledger: due texts, header, rows, grouping, template."""
