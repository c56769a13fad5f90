"""Measures ratios to the bare library or bare SQL; `make bench` prints them."""
