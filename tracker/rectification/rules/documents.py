"""单位材料 other than the plan: where one stands, how late it is, which milestone it completes."""

from datetime import date

from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, DocumentState
from tracker.rounds.rules import MilestoneKind

REPORTS = tuple(kind for kind in DocumentKind if kind is not DocumentKind.PLAN)
MILESTONES: dict[DocumentKind, tuple[MilestoneKind, ...]] = {
    DocumentKind.PLAN: (MilestoneKind.PLAN,),
    DocumentKind.PROGRESS_REPORT: (MilestoneKind.PROGRESS_REPORT,),
    DocumentKind.HEAD_REPORT: (MilestoneKind.HEAD_REPORT,),
    DocumentKind.PUBLIC_NOTICE: (MilestoneKind.PARTY_NOTICE, MilestoneKind.PUBLIC_NOTICE),
}
# Of these the deadline profile says by when (条例 2015 art. 27); of others only a milestone may.
DUE_BY_PROFILE = frozenset({DocumentKind.PROGRESS_REPORT, DocumentKind.HEAD_REPORT})
WRITABLE = frozenset({DocumentState.DRAFT, DocumentState.RETURNED})
_AFTER = {
    None: DocumentState.DRAFT,
    DocumentEventKind.WITHDRAWN: DocumentState.DRAFT,
    DocumentEventKind.RETURNED_BY_HEAD: DocumentState.RETURNED,
    DocumentEventKind.RETURNED: DocumentState.RETURNED,
    DocumentEventKind.SIGNED: DocumentState.OFFICE_REVIEW,
    DocumentEventKind.PASSED: DocumentState.ACCEPTED,
}


def state_after(last: DocumentEventKind | None, *, needs_sign_off: bool) -> DocumentState:
    """Return where a document stands after its last event."""
    if last is DocumentEventKind.SUBMITTED:
        return DocumentState.HEAD_CHECK if needs_sign_off else DocumentState.OFFICE_REVIEW
    return _AFTER[last]


def completes(
    kind: DocumentKind, *, is_for_party: bool, is_for_public: bool
) -> tuple[MilestoneKind, ...]:
    """Return the milestones a document completes: of 公开稿 those it was written for."""
    wanted = {
        MilestoneKind.PARTY_NOTICE: is_for_party,
        MilestoneKind.PUBLIC_NOTICE: is_for_public,
    }
    return tuple(each for each in MILESTONES[kind] if wanted.get(each, True))


def days_late(due_on: date | None, submitted_on: date | None, *, today: date) -> int:
    """Return by how many calendar days a document was, or so far is, handed in late; 0 when not."""
    return max(((submitted_on or today) - due_on).days, 0) if due_on else 0
