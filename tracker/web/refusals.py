"""Somebody was told no: said here, whatever it was, and heard by the audit trail."""

from enum import StrEnum

from blinker import signal
from flask import current_app
from flask_login import current_user

from tracker.kernel.errors import DomainError, rule_of

refused = signal("refused")


class Refusal(StrEnum):
    """What said no; its value is the audited action."""

    PAGE = "access_refused"
    ROW = "row_not_visible"
    STEP = "step_refused"
    TOKEN = "token_refused"  # noqa: S105


def tell(kind: Refusal, **said: str) -> None:
    """Say that this request is refused. Nobody unknown fills the trail, except with forged forms:
    those are tries to sign in."""
    if current_user.is_authenticated or kind is Refusal.TOKEN:
        refused.send(current_app._get_current_object(), kind=kind, said=said)  # type: ignore[attr-defined]


def tell_step(error: DomainError) -> None:
    """Say that a rule refused a step: which rule, and which sentence, as texts are kept there."""
    tell(Refusal.STEP, rule=rule_of(error), sentence=str(error))
