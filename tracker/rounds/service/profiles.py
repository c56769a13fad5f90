"""期限方案: a region's own choice of periods."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.deadlines import DEFAULT_PROFILES, ProfileDraft
from tracker.rounds.models import DeadlineProfile


def ensure_default_profiles(
    session: Session, region_id: int, *, actor: Actor, now: datetime
) -> list[DeadlineProfile]:
    """Return the region's three shipped profiles, made where a name is missing; edits stay."""
    profiles = []
    for draft in DEFAULT_PROFILES:
        found = _named(session, region_id, draft.name)
        profiles.append(found or _make(session, region_id, draft, actor=actor, now=now))
    return profiles


def add_profile(
    session: Session, region_id: int, draft: ProfileDraft, *, actor: Actor, now: datetime
) -> DeadlineProfile:
    """Take in a profile of the region's own. DomainError when the name is taken."""
    ensure_conducts(actor, region_id)
    _check(session, region_id, draft, profile_id=None)
    return _make(session, region_id, draft, actor=actor, now=now)


def edit_profile(
    session: Session, profile: DeadlineProfile, draft: ProfileDraft, *, actor: Actor, now: datetime
) -> DeadlineProfile:
    """Change a profile. Dates that were fixed after it stay as they are."""
    ensure_conducts(actor, profile.region_id)
    _check(session, profile.region_id, draft, profile_id=profile.id)
    for name, value in asdict(draft).items():
        setattr(profile, name, value)
    touch(profile, actor=actor, now=now)
    _audit(session, "profile_edited", profile, draft, actor=actor, now=now)
    return profile


def _check(
    session: Session, region_id: int, draft: ProfileDraft, *, profile_id: int | None
) -> None:
    found = _named(session, region_id, draft.name)
    if found is not None and found.id != profile_id:
        raise DomainError(f"期限方案“{draft.name}”已存在，请换一个名称，或直接修改它。")
    if draft.plan_months > draft.concentrated_months:
        raise DomainError("报送整改方案的期限不能长于集中整改期，请核对。")


def _named(session: Session, region_id: int, name: str) -> DeadlineProfile | None:
    return session.scalar(
        select(DeadlineProfile).where(
            DeadlineProfile.region_id == region_id, DeadlineProfile.name == name
        )
    )


def _make(
    session: Session, region_id: int, draft: ProfileDraft, *, actor: Actor, now: datetime
) -> DeadlineProfile:
    profile = DeadlineProfile(region_id=region_id, **asdict(draft), **born(actor=actor, now=now))
    session.add(profile)
    session.flush()  # rounds want its id
    _audit(session, "profile_created", profile, draft, actor=actor, now=now)
    return profile


def _audit(
    session: Session,
    action: str,
    profile: DeadlineProfile,
    draft: ProfileDraft,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="deadline_profile",
        object_id=profile.id,
        detail=asdict(draft),
    )
