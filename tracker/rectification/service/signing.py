"""签字背书, three ways: online, by the signed scan, by an authorised deputy — as the round allows."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, granted_to, loan_for
from tracker.people.models import User
from tracker.rectification.rules.words import SignatureWay
from tracker.rounds.rules import Switches

ONLINE_OFF = "本轮不接受在线签署，请上传主要负责人签字的扫描件。"
SCAN_OFF = "本轮不接受上传签字扫描件，请由主要负责人在线签署。"
DEPUTY_OFF = "本轮不接受授权代签，请由主要负责人本人签署。"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """How something was signed. `lent_by` names who authorised a deputy."""

    way: SignatureWay
    lent_by: str | None = None
    file: StoredFile | None = None


def signature_by(
    session: Session,
    actor: Actor,
    permission: Permission,
    switches: Switches,
    *,
    submitter_user_id: int | None,
) -> Signature:
    """Return the signature that the actor may give in person: as head, or as authorised deputy.

    A deputy never signs what they submitted themselves.
    """
    if permission in granted_to(actor):
        if not switches.online_sign:
            raise DomainError(ONLINE_OFF)
        return Signature(way=SignatureWay.ONLINE)
    loan = loan_for(actor, permission)
    if loan is None:
        raise DomainError("须由党组织主要负责人（或其授权的代理人）签字背书。")
    if not switches.deputy_sign:
        raise DomainError(DEPUTY_OFF)
    if actor.person_id is not None and actor.person_id == person_of(session, submitter_user_id):
        raise DomainError("这是您本人提交的，不能由您代签。请由主要负责人本人签署。")
    return Signature(way=SignatureWay.AUTHORISED, lent_by=loan.lender)


def signature_by_scan(file: StoredFile, switches: Switches) -> Signature:
    """Return the signature that a scan of the signed paper gives."""
    if not switches.scan_sign:
        raise DomainError(SCAN_OFF)
    return Signature(way=SignatureWay.SCAN, file=file)


def person_of(session: Session, user_id: int | None) -> int | None:
    """Return the person behind a sign-in; one person may have had several."""
    if user_id is None:
        return None
    return session.scalar(select(User.person_id).where(User.id == user_id))
