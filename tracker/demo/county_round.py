"""One county in detail: its third round with 7 departments, 18 villages and 1 community."""

from tracker.demo.book import Book
from tracker.demo.ledger import Chapter, add_issue, add_recipients
from tracker.demo.names import ADVICE
from tracker.demo.organizations import COUNTY
from tracker.demo.plans import add_plans
from tracker.demo.stories import Story
from tracker.demo.tours import Tour, add_milestones, add_round
from tracker.feedback.models import Feedback
from tracker.feedback.rules import FeedbackSource
from tracker.handover.models import Advice
from tracker.handover.rules import Adoption
from tracker.organizations.models import Unit
from tracker.rectification.rules.words import TaskState
from tracker.rounds.rules import RoundMode, RoundStatus

S = TaskState
FED_BACK_AGO = 100
NUMERALS = "一二三"
# of each round: departments, villages, communities, days since the on-site work ended
SHARES = ((6, 6, 0, 900), (6, 7, 1, 450), (7, 18, 1, 130))
INDIVIDUAL = (
    *(Story(state=S.CLOSED, due_in=-10 + place, last_ago=12 + place) for place in range(5)),
    *(Story(due_in=days) for days in (-2, -5, -14, -28, -33, -40)),
    *(Story(state=S.OFFICE_REVIEW, due_in=8, last_ago=days) for days in (1, 3, 8)),
    Story(state=S.UNIT_CHECK, due_in=5, last_ago=1),
    Story(due_in=20, is_returned=True, last_ago=4),
    Story(due_in=30, is_extended=True),
    Story(state=S.LONG_TERM, due_in=200),
    *(Story(due_in=days) for days in (0, 1, 3, 4, 6, 35, 60)),
)


def third_units(book: Book) -> list[Unit]:
    """Return the 26 objects of the third round."""
    units = book.units
    return units["county"][:7] + units["villages"][:18] + units["communities"][:1]


def add_county_rounds(book: Book) -> Chapter:
    """Add three rounds of 52 objects of 104, the third with its ledger."""
    at = [7, 18, 1]
    kinds = ("county", "villages", "communities")
    for seq, (*sizes, ended) in enumerate(SHARES, start=1):
        units: list[Unit] = []
        if seq == 3:
            units = third_units(book)
        else:
            for place, kind in enumerate(kinds):
                units += book.units[kind][at[place] : at[place] + sizes[place]]
                at[place] += sizes[place]
        tour = Tour(
            region=COUNTY,
            seq=seq,
            units=units,
            ended_ago=ended,
            status=RoundStatus.RECTIFYING if seq == 3 else RoundStatus.ARCHIVED,
            modes=(RoundMode.EXTENDED,) if seq == 3 else (),
        )
        add_round(book, tour, name=f"七届县委第{NUMERALS[seq - 1]}轮巡察")
    return _third(book)


def _third(book: Book) -> Chapter:
    row = book.rounds[f"{COUNTY}/3"]
    feedback = Feedback(
        region_id=row.region_id,
        code="7-3",
        title=f"{row.name}反馈意见",
        source=FeedbackSource.COUNTY_INSPECTION,
        round_id=row.id,
        fed_back_on=book.ago(FED_BACK_AGO),
        profile_id=row.profile_id,
        **book.stamps(),
    )
    book.add([feedback])
    inspections = book.inspections[f"{COUNTY}/3"]
    units = [inspection.unit for inspection in inspections]
    add_recipients(book, feedback, units)
    add_milestones(book, inspections, FED_BACK_AGO)
    chapter = Chapter(book, feedback, "7-3", book.label("county-clerk"), book.label("county-lead"))
    _add_issues(chapter, units)
    add_plans(chapter)
    _add_advice(book)
    return chapter


def _add_issues(chapter: Chapter, units: list[Unit]) -> None:
    """8 common issues over departments and villages, 25 of one unit each."""
    book, departments, villages = chapter.book, units[:7], units[7:25]
    for place in range(8):
        pool, size = (departments, 3) if place < 3 else (villages, 4)
        members = [pool[(place * size + step) % len(pool)] for step in range(size)]
        stories = [Story(due_in=15 + 6 * place + step) for step in range(size)]
        add_issue(chapter, list(zip(members, stories, strict=True)))
    holders = [*departments, *departments, *villages[:10], units[25]]
    inspection_of = {row.unit_id: row.id for row in book.inspections[f"{COUNTY}/3"]}
    for unit, story in zip(holders, INDIVIDUAL, strict=True):
        add_issue(chapter, [(unit, story)], inspection_id=inspection_of[unit.id])


def _add_advice(book: Book) -> None:
    row = book.rounds[f"{COUNTY}/3"]
    book.add(
        [
            Advice(
                region_id=row.region_id,
                round_id=row.id,
                addressee=addressee,
                text=text,
                issued_on=book.ago(FED_BACK_AGO - 5),
                reply_due=book.ago(FED_BACK_AGO - 65),
                adoption=Adoption.ADOPTED if place < 9 else None,
                answered_on=book.ago(40 - place) if place < 9 else None,
                adopted_on=book.ago(40 - place) if place < 9 else None,
                **book.stamps(),
            )
            for place, (addressee, text) in enumerate(ADVICE)
        ]
    )
