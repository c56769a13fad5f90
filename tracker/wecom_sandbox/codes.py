"""Codes of a sign-in: each names a member, or an outsider, once and for five minutes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

CODE_LASTS = timedelta(minutes=5)


@dataclass(frozen=True)
class Person:
    """Who a code stands for: a member by userid, an outsider by openid."""

    userid: str = ""
    openid: str = ""


class CodeBook:
    """The codes given out and not asked for yet, and the members whose names are known."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[Person, datetime]] = {}
        self._members: dict[str, str] = {}

    def name_member(self, userid: str, name: str) -> None:
        """Offer a member on the authorize page."""
        self._members[userid] = name or userid

    def members(self) -> dict[str, str]:
        """Names by userid, in the order they were given."""
        return dict(self._members)

    def give(self, person: Person, *, at: datetime) -> str:
        """Return a new code."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = person, at
        return code

    def spend(self, code: str, *, at: datetime) -> Person | None:
        """Return who a code stands for; None when it is unknown, spent or too old."""
        person, given_at = self._codes.pop(code, (None, at))
        return person if at - given_at <= CODE_LASTS else None
