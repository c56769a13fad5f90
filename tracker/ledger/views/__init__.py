"""Pages of the ledger."""

from flask import Blueprint

bp = Blueprint("ledger", __name__)

from tracker.ledger.views import (  # noqa: E402 - they add their pages to it
    changes,  # noqa: F401
    columns,  # noqa: F401
    dossiers,  # noqa: F401
    fill_in,  # noqa: F401
    imports,  # noqa: F401
    pasting,  # noqa: F401
    previews,  # noqa: F401
)
