"""Why somebody cannot open a page of a row: its own query is asked, then the rule is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.diagnosis.kinds import NO_ROW, Barred, Kind, Row, kind_of
from tracker.feedback.revisits import get_former_issue, is_revisit
from tracker.handover.queries.clues import ensure_may_open_details
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Permission
from tracker.letters.models.interviews import Interview
from tracker.letters.models.letters import Letter, LetterReply
from tracker.organizations.explaining import why_unseen
from tracker.rectification.models import MonthlyReport
from tracker.rectification.queries import get_task, plan_of_task
from tracker.reports.queries import reads_whole
from tracker.rounds.models import Milestone, MilestoneEvent
from tracker.rounds.queries import get_inspection


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page by its address: its endpoint, its permission, and the ids and words it names."""

    endpoint: str = ""
    permission: Permission | None = None
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Kind | None]:
        """Return what each of its ids stands for; None for what is diagnosed by role alone."""
        return {name: kind_of(self.endpoint, name) for name in self.values if name not in NO_ROW}

    @property
    def changes(self) -> bool:
        """Whether it takes more than a permission to read."""
        return self.permission is not None and not self.permission.value.endswith("_read")


NO_PAGE = Page()


def _ensure_granted(session: Session, _page: Page, actor: Actor, today: date) -> None:
    ensure_may_open_details(session, actor=actor, today=today)


def _ensure_whole(_session: Session, _page: Page, actor: Actor, _today: date) -> None:
    if not reads_whole(actor):
        raise NotVisibleError


def _ensure_former(session: Session, page: Page, actor: Actor, _today: date) -> None:
    inspection = get_inspection(session, page.values["inspection_id"], actor=actor)
    if not is_revisit(inspection):
        raise NotVisibleError
    if "issue_id" in page.values:
        get_former_issue(session, inspection, page.values["issue_id"], actor=actor)


def _ensure_planned(session: Session, page: Page, actor: Actor, _today: date) -> None:
    task = get_task(session, page.values["task_id"], actor=actor)
    if plan_of_task(session, task, actor=actor) is None:
        raise NotVisibleError


def _ensure_file(model: type[Any], name: str) -> "Guard":
    def ensure(session: Session, page: Page, _actor: Actor, _today: date) -> None:
        if session.get_one(model, page.values[name]).file_id is None:
            raise NotVisibleError

    return ensure


Guard = Callable[[Session, Page, Actor, date], None]
# What a page asks besides the row itself, and the rule that says so.
GUARDS: dict[str, tuple[Guard, Barred]] = {
    "feedback.former_issue": (_ensure_former, Barred.NOT_FORMER),
    "feedback.former_issues": (_ensure_former, Barred.NOT_FORMER),
    "feedback.reopen_former_issue": (_ensure_former, Barred.NOT_FORMER),
    "handover.clue_detail": (_ensure_granted, Barred.NOT_GRANTED),
    "handover.unanswered_clues": (_ensure_granted, Barred.NOT_GRANTED),
    "letters.interview_file": (_ensure_file(Interview, "interview_id"), Barred.NO_FILE),
    "letters.letter_docx": (_ensure_file(Letter, "letter_id"), Barred.NO_FILE),
    "letters.letter_reply_file": (_ensure_file(LetterReply, "reply_id"), Barred.NO_FILE),
    "rectification.monthly_report_file": (
        _ensure_file(MonthlyReport, "report_id"),
        Barred.NO_FILE,
    ),
    "rounds.milestone_event_file": (_ensure_file(MilestoneEvent, "event_id"), Barred.NO_FILE),
    "rounds.milestone_file": (_ensure_file(Milestone, "milestone_id"), Barred.NO_FILE),
    "rectification.plan_item": (_ensure_planned, Barred.NO_PLAN),
    "reports.issue_report": (_ensure_whole, Barred.WHOLE),
    "reports.report_docx": (_ensure_whole, Barred.WHOLE),
    "reports.report_xlsx": (_ensure_whole, Barred.WHOLE),
}


def why_page_barred(
    session: Session, page: Page, rows: Mapping[str, Row], *, actor: Actor, today: date
) -> LabelledEnum | None:
    """Return the rule that keeps the actor from a page's rows; None when they may have it."""
    for name, row in rows.items():
        kind = page.kinds[name]
        if kind is not None and (hidden := _why_row(session, page, kind, row, actor)):
            return hidden
    if page.endpoint not in GUARDS:
        return None
    ensure, rule = GUARDS[page.endpoint]
    try:
        ensure(session, page, actor, today)
    except NotVisibleError:
        return rule
    return None


def _why_row(
    session: Session, page: Page, kind: Kind, row: Row, actor: Actor
) -> LabelledEnum | None:
    is_change = page.changes and kind.change is not None
    if _answers(session, kind.change if is_change and kind.change else kind.query, row, actor):
        return None
    if is_change and _answers(session, kind.query, row, actor):
        return Barred.OTHER_OFFICE
    return _out_of_scope(session, kind, row, actor) or kind.otherwise


def _answers(session: Session, query: Callable[..., object], row: Row, actor: Actor) -> bool:
    try:
        query(session, row.id, actor=actor)
    except NotVisibleError:
        return False
    return True


def _out_of_scope(session: Session, kind: Kind, row: Row, actor: Actor) -> LabelledEnum | None:
    if kind.why is not None:
        return kind.why(row, actor)
    rules = [why_unseen(actor, whose) for whose in kind.whose(session, row)]
    return rules[0] if rules and None not in rules else None
