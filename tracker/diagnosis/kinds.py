"""What each id in an address stands for, the very query its pages ask, and whose row it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tracker.county_submissions import queries as county_submissions
from tracker.county_submissions.models import CountySubmission, SubmissionCall
from tracker.dispatches.models import Dispatch
from tracker.dispatches.queries import get_dispatch, get_filed_dispatch
from tracker.feedback import queries as feedback
from tracker.feedback.explaining import owner_of, why_issue_unseen
from tracker.feedback.models import Feedback, FeedbackRecipient, Issue
from tracker.handover.models import Advice, Clue, ClueCount, PostChange
from tracker.handover.queries import advice, clues, posts
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor
from tracker.ledger.fill_in_queries import get_return
from tracker.ledger.models import FillInReturn, HeaderWord, ImportBatch
from tracker.ledger.queries import get_batch, get_header_word
from tracker.letters.models import letters as letter_models
from tracker.letters.models.accountability import Accountability
from tracker.letters.models.assessments import Assessment, AssessmentTemplate
from tracker.letters.models.interviews import Interview
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.models.visits import SupervisionVisit, VisitFinding
from tracker.letters.queries import assessments, letters, records, spot_checks, visits
from tracker.organizations import changing
from tracker.organizations.explaining import Unseen, Whose
from tracker.organizations.models import Unit, UnitChange
from tracker.organizations.queries import get_unit
from tracker.people import directory
from tracker.people.models import Person, Post, PostHolding
from tracker.people.posts import get_holding, get_post
from tracker.rectification import document_queries, evidence_queries, monthly_queries
from tracker.rectification import queries as rectification
from tracker.rectification.explaining import why_task_unseen
from tracker.rectification.models import (
    DocumentSignature,
    DocumentVersion,
    Evidence,
    Extension,
    MonthlyReport,
    PlanSubmission,
    SignOff,
    Task,
    UnitDocument,
)
from tracker.reminders import pausing
from tracker.reminders.models import UnitPause
from tracker.reports import queries as reports
from tracker.reports.models import ReportRun
from tracker.rounds import coverage_queries as coverage
from tracker.rounds import queries as rounds
from tracker.rounds.models import (
    CoverageTarget,
    DeadlineProfile,
    Inspection,
    Milestone,
    MilestoneEvent,
    Round,
    Term,
)

Row = Any


class Barred(LabelledEnum):
    """The rule that bars a page whose row lies in somebody's scope. Nothing of the row is told."""

    OFFICE = "office", "这类页面只给本地区开展巡察的巡察办，单位、监督部门和别的地区都打不开。"
    OTHER_OFFICE = "other_office", "由别的巡察办办理，该账号只能查看，不能办理。"
    LETTER_NOT_SENT = (
        "letter_not_sent",
        "函件还没有送达，只有起草的巡察办（签发后还有领导）能看到。",
    )
    NOT_ISSUED = "not_issued", "报告还没有印发，或者其中没有该账号能看到的任务。"
    WHOLE = "whole", "报告全文只给巡察办和领导，单位和监督部门在页面上看与自己有关的部分。"
    NO_FILE = "no_file", "这一项没有上传文件。"
    OWN_RETURN = (
        "own_return",
        "单位交回的填报表只有本单位能打开；巡察办代为交回的，只有该单位和代交的巡察办能打开。",
    )
    NO_PLAN = "no_plan", "这项任务不在任何整改方案里。"
    NOT_GRANTED = "not_granted", "没有查看线索详情的授权，授权已过期或收回，或者详情没有启用。"
    NOT_RECEIVER = "not_receiver", "只有接任的本人在交接之后能打开。"
    NOT_FORMER = "not_former", "这次巡察不是“回头看”，或者这不是它要看的上轮问题。"


class Query(Protocol):
    """A feature's own query of one row that somebody may see; NotVisibleError when it is none."""

    def __call__(self, session: Session, row_id: int, /, *, actor: Actor) -> object: ...


class ChangeQuery(Protocol):
    """The same, asked for to change the row."""

    def __call__(
        self, session: Session, row_id: int, /, *, actor: Actor, to_change: bool = False
    ) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of row. `change`: asked on pages that need more than a permission to read.

    `whose` names the region and units of a row, `why` a rule of its own where there is one,
    `otherwise` the rule when the scope alone would not hide it.
    """

    model: type[Any]
    query: Query
    whose: Callable[[Session, Row], Iterable[Whose]]
    change: Query | None = None
    why: Callable[[Row, Actor], Unseen | None] | None = None
    otherwise: Barred = Barred.OFFICE


def _to_change(query: ChangeQuery) -> Query:
    def ask(session: Session, row_id: int, /, *, actor: Actor) -> object:
        return query(session, row_id, actor=actor, to_change=True)

    return ask


def _office(_session: Session, row: Row) -> list[Whose]:
    return [Whose(region_id=row.region_id, owner=None)]


def _of_return(session: Session, row: FillInReturn) -> list[Whose]:
    """The unit's own, and the office's that brought it for the unit."""
    brought = [] if row.region_id is None else [Whose(region_id=row.region_id, owner=None)]
    return [*_of_unit(session, row.unit), *brought]


def _of_county_submission(_session: Session, row: CountySubmission) -> list[Whose]:
    """The county's office answers it, the city's asked for it."""
    return [
        Whose(region_id=region_id, owner=None) for region_id in (row.region_id, row.call.region_id)
    ]


def _asking_office(_session: Session, row: CountySubmission) -> list[Whose]:
    return [Whose(region_id=row.call.region_id, owner=None)]


def _region_and_unit(session: Session, row: Row) -> list[Whose]:
    return [Whose(region_id=row.region_id, owner=owner_of(session.get(Unit, row.unit_id)))]


def _of_unit(_session: Session, unit: Unit | None) -> list[Whose]:
    return [Whose(region_id=unit.region_id, owner=owner_of(unit))] if unit else []


def _of_task(_session: Session, task: Task) -> list[Whose]:
    helpers = frozenset(link.unit_id for link in task.co_units)
    return [Whose(region_id=task.region_id, owner=owner_of(task.lead_unit), helper_ids=helpers)]


def _under_task(session: Session, row: Row) -> list[Whose]:
    return _of_task(session, session.get_one(Task, row.task_id))


def _of_issue(_session: Session, issue: Issue) -> list[Whose]:
    owners = [owner_of(link.unit) for link in issue.units] or [None]
    return [Whose(region_id=issue.region_id, owner=owner) for owner in owners]


def _of_feedback(_session: Session, row: Feedback) -> list[Whose]:
    owner = owner_of(row.inspection.unit) if row.inspection else None
    return [Whose(region_id=row.region_id, owner=owner)]


def _of_inspection(_session: Session, row: Inspection) -> list[Whose]:
    return [Whose(region_id=row.conducting_region_id, owner=owner_of(row.unit))]


def _of_document(_session: Session, row: UnitDocument) -> list[Whose]:
    return [Whose(region_id=row.feedback.region_id, owner=owner_of(row.unit))]


def _of_visit(_session: Session, row: SupervisionVisit) -> list[Whose]:
    return [Whose(region_id=row.region_id, owner=owner_of(link.unit)) for link in row.units]


def _why_under_task(row: Row, actor: Actor) -> Unseen | None:
    return why_task_unseen(row.task, actor=actor)


KINDS: dict[str, Kind] = {
    "accountability_id": Kind(
        model=Accountability,
        query=records.get_accountability,
        change=_to_change(records.get_accountability),
        whose=_region_and_unit,
    ),
    "advice_id": Kind(model=Advice, query=advice.get_advice, whose=_office),
    "assessment_id": Kind(
        model=Assessment,
        query=assessments.get_assessment,
        change=_to_change(assessments.get_assessment),
        whose=_region_and_unit,
    ),
    "batch_id": Kind(model=ImportBatch, query=get_batch, whose=_office),
    "call_id": Kind(model=SubmissionCall, query=county_submissions.get_call, whose=_office),
    "change_id": Kind(model=PostChange, query=posts.get_change, whose=_region_and_unit),
    "handover.received_post.change_id": Kind(
        model=PostChange,
        query=posts.get_change_for,
        whose=_region_and_unit,
        otherwise=Barred.NOT_RECEIVER,
    ),
    "check_id": Kind(model=SpotCheck, query=spot_checks.get_spot_check, whose=_office),
    "clue_id": Kind(model=Clue, query=clues.get_clue, whose=_office),
    "county_submission_id": Kind(
        model=CountySubmission,
        query=county_submissions.get_submission,
        whose=_of_county_submission,
    ),
    "county_submissions.fill_submission.county_submission_id": Kind(
        model=CountySubmission, query=county_submissions.get_own_submission, whose=_office
    ),
    "county_submissions.withdraw_submission.county_submission_id": Kind(
        model=CountySubmission, query=county_submissions.get_own_submission, whose=_office
    ),
    "county_submissions.accept_submission.county_submission_id": Kind(
        model=CountySubmission, query=county_submissions.get_asked_submission, whose=_asking_office
    ),
    "county_submissions.return_submission.county_submission_id": Kind(
        model=CountySubmission, query=county_submissions.get_asked_submission, whose=_asking_office
    ),
    "count_id": Kind(model=ClueCount, query=clues.get_count, whose=_office),
    "dispatch_id": Kind(model=Dispatch, query=get_dispatch, whose=_office),
    "dispatches.dispatch_file.dispatch_id": Kind(
        model=Dispatch, query=get_filed_dispatch, whose=_office, otherwise=Barred.NO_FILE
    ),
    "document_id": Kind(
        model=UnitDocument, query=document_queries.get_document, whose=_of_document
    ),
    "event_id": Kind(
        model=MilestoneEvent,
        query=rounds.read_milestone_event,
        whose=lambda session, row: _of_inspection(session, row.milestone.inspection),
        otherwise=Barred.NO_FILE,
    ),
    "evidence_id": Kind(
        model=Evidence,
        query=evidence_queries.get_evidence,
        whose=_under_task,
        why=_why_under_task,
    ),
    "extension_id": Kind(
        model=Extension,
        query=rectification.scan_of_extension,
        whose=_under_task,
        why=_why_under_task,
        otherwise=Barred.NO_FILE,
    ),
    "feedback_id": Kind(
        model=Feedback,
        query=feedback.get_feedback,
        change=_to_change(feedback.get_feedback),
        whose=_of_feedback,
    ),
    "fill_in_return_id": Kind(
        model=FillInReturn,
        query=get_return,
        whose=_of_return,
        otherwise=Barred.OWN_RETURN,
    ),
    "finding_id": Kind(
        model=VisitFinding,
        query=visits.get_finding,
        whose=lambda session, row: _of_visit(session, row.visit),
    ),
    "header_word_id": Kind(model=HeaderWord, query=get_header_word, whose=_office),
    "holding_id": Kind(
        model=PostHolding,
        query=get_holding,
        whose=lambda session, row: _of_unit(session, row.post.unit),
    ),
    "inspection_id": Kind(
        model=Inspection,
        query=rounds.get_inspection,
        change=_to_change(rounds.get_inspection),
        whose=_of_inspection,
    ),
    "interview_id": Kind(
        model=Interview,
        query=records.get_interview,
        change=_to_change(records.get_interview),
        whose=_region_and_unit,
    ),
    "issue_id": Kind(
        model=Issue,
        query=feedback.get_issue,
        change=_to_change(feedback.get_issue),
        whose=_of_issue,
        why=lambda row, actor: why_issue_unseen(row, actor=actor),
    ),
    "item_id": Kind(
        model=SpotCheckItem,
        query=spot_checks.get_item,
        whose=lambda session, row: _office(session, row.spot_check),
    ),
    "letter_id": Kind(
        model=letter_models.Letter,
        query=letters.get_letter,
        whose=_region_and_unit,
        otherwise=Barred.LETTER_NOT_SENT,
    ),
    "milestone_id": Kind(
        model=Milestone,
        query=rounds.get_milestone,
        whose=lambda session, row: _of_inspection(session, row.inspection),
    ),
    "rounds.milestone.milestone_id": Kind(
        model=Milestone,
        query=rounds.read_milestone,
        whose=lambda session, row: _of_inspection(session, row.inspection),
    ),
    "rounds.milestone_file.milestone_id": Kind(
        model=Milestone,
        query=rounds.read_milestone,
        whose=lambda session, row: _of_inspection(session, row.inspection),
    ),
    "pause_id": Kind(model=UnitPause, query=pausing.get_pause, whose=_office),
    "person_id": Kind(model=Person, query=directory.get_person, whose=_office),
    "plan_id": Kind(model=UnitDocument, query=rectification.get_plan, whose=_of_document),
    "post_id": Kind(
        model=Post, query=get_post, whose=lambda session, row: _of_unit(session, row.unit)
    ),
    "profile_id": Kind(model=DeadlineProfile, query=rounds.get_profile, whose=_office),
    "recipient_id": Kind(
        model=FeedbackRecipient,
        query=feedback.get_recipient,
        whose=lambda session, row: _of_feedback(session, row.feedback),
    ),
    "rectification.report_id": Kind(
        model=MonthlyReport, query=monthly_queries.get_report, whose=_region_and_unit
    ),
    "reports.report_id": Kind(
        model=ReportRun, query=reports.get_report, whose=_office, otherwise=Barred.NOT_ISSUED
    ),
    "reply_id": Kind(
        model=letter_models.LetterReply,
        query=letters.get_reply,
        whose=lambda session, row: _region_and_unit(session, row.letter),
        otherwise=Barred.LETTER_NOT_SENT,
    ),
    "round_id": Kind(model=Round, query=rounds.get_round, whose=_office),
    "sheet_id": Kind(model=AssessmentTemplate, query=assessments.get_template, whose=_office),
    "sign_off_id": Kind(
        model=SignOff,
        query=rectification.scan_of_sign_off,
        whose=_under_task,
        otherwise=Barred.NO_FILE,
    ),
    "signature_id": Kind(
        model=DocumentSignature,
        query=rectification.scan_of_plan,
        whose=lambda session, row: _of_document(
            session, session.get_one(UnitDocument, row.document_id)
        ),
        otherwise=Barred.NO_FILE,
    ),
    "submission_id": Kind(
        model=PlanSubmission,
        query=rectification.get_submission,
        whose=lambda session, row: _of_document(session, row.document),
    ),
    "task_id": Kind(
        model=Task,
        query=rectification.get_task,
        whose=_of_task,
        why=lambda row, actor: why_task_unseen(row, actor=actor),
    ),
    "target_id": Kind(
        model=CoverageTarget,
        query=coverage.get_target,
        whose=lambda session, row: _office(session, row.term),
    ),
    "term_id": Kind(model=Term, query=rounds.get_term, whose=_office),
    "unit_change_id": Kind(
        model=UnitChange,
        query=changing.get_change,
        whose=lambda session, row: _office(session, row.unit),
    ),
    "unit_id": Kind(model=Unit, query=get_unit, whose=_of_unit),
    "version_id": Kind(
        model=DocumentVersion,
        query=document_queries.get_version,
        whose=lambda session, row: _of_document(session, row.document),
    ),
    "visit_id": Kind(
        model=SupervisionVisit,
        query=visits.show_visit,
        change=visits.get_visit,
        whose=_of_visit,
    ),
}
# Ids and words whose pages are diagnosed as far as the role's permission and no further.
PERMISSION_ONLY: dict[str, str] = {
    "channel_id": "an administrator's page: groups of the regions they keep",
    "code": "a word of a dictionary, not a row of somebody's",
    "delegation_id": "seen by those it concerns; the office lends and takes back for itself",
    "delivery_id": "an administrator's page: messages of the regions they keep",
    "entry_id": "the audit administrator's page",
    "grant_id": "the security administrator's page",
    "kind": "a file format",
    "region_id": "an administrator's page: the regions they keep",
    "rule_id": "a reminder rule: read with all others of the own region",
    "user_id": "an administrator's page: accounts of the regions they keep",
    "work_id": "seen by whoever asked for the work, and by nobody else",
    "way_id": "the office lead's page: ways to persons of the own region",
}
# What else stands in an address and is no row at all: a page of a picture, a file of the program,
# what a summary is for.
NO_ROW = frozenset({"filename", "number", "purpose"})


def kind_of(endpoint: str, name: str) -> Kind | None:
    """Return what an id stands for on a page: by the page, by its room, or everywhere."""
    room = endpoint.partition(".")[0]
    keys = (f"{endpoint}.{name}", f"{room}.{name}", name)
    return next((KINDS[key] for key in keys if key in KINDS), None)
