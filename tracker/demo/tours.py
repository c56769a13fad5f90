"""Rounds, batches, teams and inspections, the same way for city and county."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.demo.book import Book, weekday
from tracker.organizations.models import Unit
from tracker.rounds.models import (
    Batch,
    Inspection,
    Milestone,
    Round,
    RoundModeChoice,
    Team,
)
from tracker.rounds.rules import MilestoneKind, RoundKind, RoundMode, RoundStatus
from tracker.workdays.rules import add_months_clamped

ONSITE_DAYS = 45
TEAM_NAMES = ("第一巡察组", "第二巡察组", "第三巡察组", "第四巡察组")
NUMERALS = "零一二三四"


@dataclass(frozen=True, kw_only=True)
class Tour:
    """One round in short: whose, which, whom, when its on-site work ended."""

    region: str
    seq: int
    units: Sequence[Unit]
    ended_ago: int
    status: RoundStatus
    batches: int = 1
    modes: tuple[RoundMode, ...] = ()


def add_round(book: Book, tour: Tour, *, name: str) -> Round:
    """Add a round with batches, teams and one inspection per unit."""
    region_id = book.regions[tour.region].id
    row = Round(
        region_id=region_id,
        term_id=book.terms[tour.region].id,
        code=f"7-{tour.seq}",
        seq=tour.seq,
        name=name,
        kind=RoundKind.REGULAR,
        status=tour.status,
        profile_id=book.profiles[tour.region].id,
        modes=[RoundModeChoice(mode=mode) for mode in tour.modes],
        **book.stamps(),
    )
    book.add([row])
    key = f"{tour.region}/{tour.seq}"
    book.rounds[key] = row
    book.inspections[key] = _inspections(book, tour, row)
    return row


def _inspections(book: Book, tour: Tour, row: Round) -> list[Inspection]:
    batches = [
        Batch(round_id=row.id, seq=seq, name=f"第{NUMERALS[seq]}批", **book.stamps())
        for seq in range(1, tour.batches + 1)
    ]
    teams = [Team(round_id=row.id, name=name, **book.stamps()) for name in TEAM_NAMES]
    book.add([*batches, *teams])
    per_batch = -(-len(tour.units) // tour.batches)
    found = []
    for place, unit in enumerate(tour.units):
        batch = place // per_batch
        ended = tour.ended_ago + (tour.batches - 1 - batch) * (ONSITE_DAYS + 10)
        found.append(
            Inspection(
                round_id=row.id,
                unit_id=unit.id,
                batch_id=batches[batch].id,
                team_id=teams[place % len(teams)].id,
                conducting_region_id=row.region_id,
                kind=RoundKind.REGULAR,
                counts_for_coverage=True,
                onsite_start=book.ago(ended + ONSITE_DAYS),
                onsite_end=book.ago(ended),
                **book.stamps(),
            )
        )
    book.add(found)
    return found


def add_milestones(book: Book, inspections: Sequence[Inspection], fed_back_ago: int) -> None:
    """Add the nodes of fed-back inspections; those whose date has passed by now are done."""
    fed_back = book.ago(fed_back_ago)
    due: dict[MilestoneKind, date | None] = {
        MilestoneKind.FEEDBACK_LEADERSHIP: fed_back,
        MilestoneKind.FEEDBACK_HEAD: fed_back,
        MilestoneKind.PLAN: add_months_clamped(fed_back, 1),
        MilestoneKind.DEMOCRATIC_MEETING: add_months_clamped(fed_back, 2),
        MilestoneKind.PROGRESS_REPORT: add_months_clamped(fed_back, 6),
        MilestoneKind.HEAD_REPORT: add_months_clamped(fed_back, 6),
        MilestoneKind.PARTY_NOTICE: None,
        MilestoneKind.PUBLIC_NOTICE: None,
    }
    book.add(
        [
            Milestone(
                inspection_id=inspection.id,
                kind=kind,
                due_on=day,
                done_on=min(weekday(day), book.today) if day and day < book.today else None,
                **book.stamps(),
            )
            for inspection in inspections
            for kind, day in due.items()
        ]
    )
