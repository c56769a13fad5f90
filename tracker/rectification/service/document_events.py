"""What every document of a unit keeps, the plan too: its dated steps and its signatures."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import OFFICE
from tracker.rectification.models import DocumentEvent, DocumentSignature, UnitDocument
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind
from tracker.rectification.service.signing import Signature

UNIT_EVENTS = frozenset(
    {DocumentEventKind.SUBMITTED, DocumentEventKind.WITHDRAWN, DocumentEventKind.SIGNED}
)


def last_event(document: UnitDocument) -> DocumentEventKind | None:
    """Return the last thing that happened to a document."""
    return document.events[-1].kind if document.events else None


def note_event(
    session: Session,
    document: UnitDocument,
    kind: DocumentEventKind,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    lent: str | None = None,
    supplement: str | None = None,
) -> DocumentEvent:
    """Write down a step of a document, in its history and in the trail."""
    event = DocumentEvent(
        kind=kind,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
        on_behalf_of=_on_behalf_of(document, kind, actor),
        lent_by=lent,
        reason=reason,
        supplement=supplement,
        version_seq=document.versions[-1].seq if document.versions else None,
    )
    document.events.append(event)
    touch(document, actor=actor, now=now)
    session.flush()  # remarks need the event's id
    is_plan = document.kind is DocumentKind.PLAN
    record(
        session,
        f"plan_{kind.value}" if is_plan else f"document_{kind.value}",
        actor=actor,
        now=now,
        object_type="unit_document",
        object_id=document.id,
    )
    return event


def note_signature(
    session: Session,
    document: UnitDocument,
    signature: Signature,
    pledge: str,
    *,
    sha256: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep a signature under a document, and note that it was signed today. `sha256`: of what is
    signed, where its text is kept."""
    session.add(
        DocumentSignature(
            document_id=document.id,
            way=signature.way,
            signed_at=now,
            signed_by=actor.label,
            signer_user_id=actor.user_id,
            lent_by=signature.lent_by,
            file=signature.file,
            pledge=pledge,
            sha256=sha256,
        )
    )
    note_event(
        session,
        document,
        DocumentEventKind.SIGNED,
        actor=actor,
        now=now,
        reason=signature.way.label,
        lent=signature.lent_by,
    )
    document.signed_on = local_date(now)


def _on_behalf_of(document: UnitDocument, kind: DocumentEventKind, actor: Actor) -> str | None:
    return document.unit.name if kind in UNIT_EVENTS and actor.role in OFFICE else None
