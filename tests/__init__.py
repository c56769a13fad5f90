"""Tests mirror tracker/."""
