"""Pages of the ledger."""

from flask import Blueprint

bp = Blueprint("ledger", __name__)

from tracker.ledger.views import changes, columns, dossiers, imports  # noqa: E402, F401 - they add their pages to it
