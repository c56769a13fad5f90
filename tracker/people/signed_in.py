"""The signed-in person as Flask-Login knows them: a plain value, no database row."""

from datetime import timedelta

from flask import request
from flask_login import UserMixin

from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Actor, Loan
from tracker.people.delegating import loans_of
from tracker.people.models import UserSession
from tracker.people.queries import session_of
from tracker.people.rules import session_is_over
from tracker.people.service import actor_of
from tracker.web.database import database, now

SEEN_EVERY = timedelta(minutes=1)


class SignedIn(UserMixin):
    """Who is signed in. `get_id` is the session's token, so ending the row signs out at once."""

    def __init__(self, token: str, row: UserSession, lent: tuple[Loan, ...] = ()) -> None:
        """Copy what pages need; the row's session is closed afterwards."""
        user = row.user
        self.token = token
        self.user_id = user.id
        self.name = user.person.name
        self.role_label = user.role.label
        self.place = user.unit.short_name if user.unit else user.region.short_name
        self.must_change_password = user.must_change_password
        self.actor: Actor = actor_of(user, request.remote_addr, lent=lent)

    def get_id(self) -> str:
        """Return the token that the browser's signed cookie carries."""
        return self.token


def load(token: str) -> SignedIn | None:
    """Return the person of a live session, or None; notes the visit at most once a minute."""
    with database().reading() as session:
        row = session_of(session, token)
        if row is None or row.ended_at is not None or not row.user.is_active:
            return None
        if session_is_over(row.started_at, row.last_seen_at, now=now()):
            return None
        lent = loans_of(session, row.user, today=local_date(now()))
        person = SignedIn(token, row, lent)
    if now() - row.last_seen_at > SEEN_EVERY:
        _note_visit(row.id)
    return person


def _note_visit(row_id: int) -> None:
    with database().writing() as session:
        row = session.get_one(UserSession, row_id)
        row.last_seen_at = now()
        session.commit()
