"""Rows of 督办与监督: only what this person may see."""
