"""A call of the city for figures: one county has answered, one was told to correct, one owes it."""

from datetime import date, timedelta
from decimal import Decimal

from tracker.county_submissions.rules import Answer
from tracker.county_submissions.service import CallDraft, open_call, send_back, submit
from tracker.demo.book import LOADER, Book
from tracker.demo.figures import last_month_end
from tracker.demo.organizations import CITY
from tracker.kernel.permissions import Actor
from tracker.people.service import actor_of
from tracker.statistics.rules import EnteredMetric

E = EnteredMetric
ASKED = [E.CLUES_FOUND, E.CASES_FILED, E.PERSONS_PUNISHED]
ANSWERED = {"LX": (24, 9, 6), "SH": (31, 12, 40)}
RETURNED = "SH"


def add_submissions(book: Book) -> None:
    """Ask for the year's figures up to last month; nothing is accepted yet, so no figure moves."""
    end = last_month_end(book.today)
    clerk: Actor = actor_of(book.users["city-clerk"])
    draft = CallDraft(
        title=f"{end.year}年1—{end.month}月巡察工作数据",
        metrics=ASKED,
        period_start=date(end.year, 1, 1),
        period_end=end,
        due_on=book.today + timedelta(days=2),
        note="线索、立案按件数，处分按人数；没有的写明原因，不填0。",
    )
    call = open_call(book.session, book.regions[CITY].id, draft, actor=clerk, now=book.now)
    answers = {row.region_id: row for row in call.submissions}
    for code, values in ANSWERED.items():
        answer = answers[book.regions[code].id]
        given = {
            metric: Answer(value=Decimal(value))
            for metric, value in zip(ASKED, values, strict=True)
        }
        submit(book.session, answer, given, "县区巡察工作累计数据表", actor=LOADER, now=book.now)
        if code == RETURNED:
            reason = "处分人数多于立案涉及人数，请与审查调查部门核对后重报。"
            send_back(book.session, answer, reason, actor=clerk, now=book.now)
