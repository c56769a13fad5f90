"""Awkward ledgers, made by code: the corpus of the ledger import."""
