"""Pages of 督办与监督, one file per thing an office does."""

from flask import Blueprint

bp = Blueprint("letters", __name__)

from tracker.letters.views import check_outcomes, spot_checks  # noqa: E402

__all__ = ["bp", "check_outcomes", "spot_checks"]
