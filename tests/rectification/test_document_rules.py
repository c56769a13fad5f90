"""Where a unit's document stands, how late it is, which milestone it completes."""

from datetime import date

import pytest

from tracker.rectification.rules.documents import (
    MILESTONES,
    REPORTS,
    completes,
    days_late,
    state_after,
)
from tracker.rectification.rules.words import DocumentEventKind, DocumentKind, DocumentState
from tracker.rounds.rules import MilestoneKind

E, S, M = DocumentEventKind, DocumentState, MilestoneKind


@pytest.mark.parametrize(
    ("last", "signed_for", "expected"),
    [
        (None, True, S.DRAFT),
        (E.SUBMITTED, True, S.HEAD_CHECK),
        (E.SUBMITTED, False, S.OFFICE_REVIEW),
        (E.SIGNED, True, S.OFFICE_REVIEW),
        (E.WITHDRAWN, True, S.DRAFT),
        (E.RETURNED_BY_HEAD, True, S.RETURNED),
        (E.RETURNED, False, S.RETURNED),
        (E.PASSED, False, S.ACCEPTED),
    ],
)
def test_the_last_event_says_where_a_document_stands(
    last: DocumentEventKind | None, signed_for: bool, expected: DocumentState
) -> None:
    assert state_after(last, needs_sign_off=signed_for) is expected


def test_every_event_leads_somewhere() -> None:
    assert all(state_after(kind, needs_sign_off=True) for kind in DocumentEventKind)


def test_every_kind_of_document_has_a_milestone_and_the_plan_is_no_report() -> None:
    assert set(MILESTONES) == set(DocumentKind)
    assert set(REPORTS) == set(DocumentKind) - {DocumentKind.PLAN}


@pytest.mark.parametrize(
    ("kind", "party", "public", "expected"),
    [
        (DocumentKind.PLAN, False, False, (M.PLAN,)),
        (DocumentKind.PROGRESS_REPORT, False, False, (M.PROGRESS_REPORT,)),
        (DocumentKind.HEAD_REPORT, False, False, (M.HEAD_REPORT,)),
        (DocumentKind.PUBLIC_NOTICE, True, False, (M.PARTY_NOTICE,)),
        (DocumentKind.PUBLIC_NOTICE, False, True, (M.PUBLIC_NOTICE,)),
        (DocumentKind.PUBLIC_NOTICE, True, True, (M.PARTY_NOTICE, M.PUBLIC_NOTICE)),
    ],
)
def test_a_notice_completes_what_it_was_written_for(
    kind: DocumentKind, party: bool, public: bool, expected: tuple[MilestoneKind, ...]
) -> None:
    assert completes(kind, is_for_party=party, is_for_public=public) == expected


DUE = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("due_on", "submitted_on", "expected"),
    [
        (DUE, None, 14),
        (DUE, DUE, 0),
        (DUE, date(2026, 11, 3), 1),
        (DUE, date(2026, 10, 30), 0),
        (date(2026, 11, 16), None, 0),
        (None, None, 0),
    ],
)
def test_lateness_counts_calendar_days_up_to_the_day_it_was_handed_in(
    due_on: date | None, submitted_on: date | None, expected: int
) -> None:
    assert days_late(due_on, submitted_on, today=date(2026, 11, 16)) == expected
