"""Rows of 督办与监督: only what this person may see."""

from tracker.letters.queries.letters import open_replies

__all__ = ["open_replies"]
