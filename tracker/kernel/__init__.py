"""The kernel: what every room stands on. Pure Python and SQLAlchemy, no Flask."""
