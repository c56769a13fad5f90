"""Whether somebody may come in through enterprise WeChat now, and by which application."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from tracker.kernel.crypto import Sealer
from tracker.notifications import personal_channels
from tracker.notifications.accounts import AppAccount
from tracker.people import wecom
from tracker.people.wecom import Gate
from tracker.web.database import database


@dataclass(frozen=True)
class OpenGate:
    """An application as the administrator chose it, and what it is spoken to with."""

    gate: Gate
    account: AppAccount


def open_gate() -> OpenGate | None:
    """Return the application people sign in through; None while that is off, or the application
    is out of use or not the one any more that the administrator chose."""
    with database().reading() as read:
        gate = wecom.gate(read)
        sealer = cast("Sealer", current_app.extensions["tracker_sealer"])
        account = personal_channels.application(read, gate.way_id, sealer) if gate else None
    if gate is None or account is None:
        return None
    chosen = (gate.base, gate.corpid, gate.agentid)
    is_same = (account.base, account.corpid, account.agentid) == chosen
    return OpenGate(gate, account) if is_same else None
