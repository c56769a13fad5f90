"""Tests of tracker/watchdog."""
