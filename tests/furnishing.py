"""Rows that the demonstration lacks, put beside it for the walk through every route.

All of it is the city's, about the unit of the first liaison: whoever is signed in for a role there
meets a row of every kind that is really for them.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.files import pdf
from tests.factories.fill_in import fill_in
from tests.factories.handing_over import add_handing_over
from tests.factories.letters import make_letter, make_records
from tests.factories.work import Work, make_work
from tests.letters.work import oversight
from tests.rectification.scenarios import make_scenario
from tracker.feedback.models import Feedback, Issue
from tracker.feedback.revisits import Judgement, former_issues, judge
from tracker.feedback.rules import Verdict
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.handover.models import Advice, ClueGrant, PostChange
from tracker.handover.service import post_changes
from tracker.job_runs.desk import Made
from tracker.job_runs.results import ResultFiles
from tracker.job_runs.rules import WorkKind
from tracker.job_runs.works import Wish, ask_work, claim, finish
from tracker.kernel.clock import local_date
from tracker.kernel.db import Base, born
from tracker.kernel.permissions import Role
from tracker.letters.models import SpotCheckItem, SupervisionVisit, VisitFinding
from tracker.letters.models.assessments import Assessment, AssessmentTemplate
from tracker.letters.models.spot_checks import SpotCheck
from tracker.letters.rules.letters import LetterState
from tracker.letters.service import replying
from tracker.organizations.changing import Decision, rename_unit
from tracker.organizations.models import Unit, UnitChange
from tracker.people.delegating import lend
from tracker.people.models import Post, PostHolding, User
from tracker.people.rules import PostKind
from tracker.people.service import actor_of
from tracker.rectification.models import (
    DocumentSignature,
    Extension,
    MonthlyReport,
    SignOff,
    Task,
    UnitDocument,
)
from tracker.rectification.rules.words import CompletionClass, DocumentKind, TaskState
from tracker.rectification.service import closing, extending, monthly, plan_steps, proving
from tracker.rectification.service.documents import Written, begin_document
from tracker.rectification.service.working import Progress
from tracker.rounds.models import Inspection, Milestone
from tracker.rounds.service import edit_milestone

S = TaskState
MEMBERS = {
    "clerk": Role.OFFICE_CLERK,
    "lead": Role.OFFICE_LEAD,
    "leader": Role.LEADER,
    "liaison_a": Role.UNIT_LIAISON,
    "head_a": Role.UNIT_HEAD,
    "supervisor": Role.SUPERVISOR,
}


@dataclass(frozen=True)
class Desk:
    """Where the furniture is put together: the people of the demonstration, a round beside its own."""

    session: Session
    people: Cast
    work: Work
    storage: FileStorage
    now: datetime

    def who(self, name: str) -> dict[str, Any]:
        """Return the arguments by which a service knows who acts when."""
        return {"actor": self.people.actor(name), "now": self.now}

    def scan(self, name: str = "扫描件.pdf") -> StoredFile:
        """Keep a file whose bytes are really there."""
        kept = self.storage.store(io.BytesIO(pdf()), name, **self.who("liaison_a"))
        self.session.add(kept)
        return kept

    def task(self, state: TaskState, step: str = "") -> Task:
        """Return a task of the unit, ready for a step."""
        return make_scenario(self.session, self.people, self.work, state, step, now=self.now)

    def newest(self, model: type[Base]) -> Any:
        """Return the row of a kind that was added last."""
        self.session.flush()  # what was just added is looked for
        return self.session.scalars(
            select(model).order_by(model.__table__.c.id.desc()).limit(1)
        ).one()

    def newest_id(self, model: type[Base]) -> int:
        return int(self.newest(model).id)


def furnish(session: Session, folder: Path, *, now: datetime) -> dict[str, int]:
    """Add a row of each kind; return their ids by table, or by what `ROWS` calls them."""
    people = _people(session)
    work = make_work(
        session,
        people,
        now=now,
        term_number=6,
        profile="测试期限方案",
        fed_back_on=date(2026, 9, 1),
    )
    desk = Desk(session, people, work, FileStorage(folder), now)
    ids = _look_into(desk) | _hand_over(desk) | _write_letters(desk) | _work_on(desk)
    ids |= _hand_in(desk) | {"unit_changes": _rename_unit(desk).id}
    ids["background_works"] = _export_in_the_background(desk)
    session.flush()  # the ids are wanted
    return ids


def _people(session: Session) -> Cast:
    """Return the first of each role; the supervisor's organisation has the unit on its list."""
    users = {name: _first(session, role) for name, role in MEMBERS.items()}
    clerk, liaison = users["clerk"], users["liaison_a"]
    assert liaison.unit is not None
    liaison.unit.supervisor_org_id = users["supervisor"].supervisor_org_id
    other = select(Unit.id).where(Unit.region_id == clerk.region_id, Unit.id != liaison.unit_id)
    return Cast(
        regions={"city": clerk.region_id},
        units={"a": liaison.unit.id, "b": session.scalars(other.order_by(Unit.id)).first() or 0},
        users={name: user.id for name, user in users.items()},
        _actors={name: actor_of(user) for name, user in users.items()},
    )


def _first(session: Session, role: Role) -> User:
    query = select(User).where(User.role == role).order_by(User.id).limit(1)
    return session.scalars(query).one()


def _look_into(desk: Desk) -> dict[str, int]:
    """A spot check, a visit, a sheet with an assessment."""
    oversight(desk.session, desk.people, desk.work, now=desk.now)
    return {
        model.__tablename__: desk.newest_id(model)
        for model in (
            Assessment,
            AssessmentTemplate,
            SpotCheck,
            SpotCheckItem,
            SupervisionVisit,
            VisitFinding,
        )
    }


def _hand_over(desk: Desk) -> dict[str, int]:
    """Clues with their detail, advice, changes of post, a revisit with a bad verdict."""
    session = desk.session
    add_handing_over(session, desk.people, desk.work, now=desk.now)
    stamps = born(actor=TESTER, now=desk.now)
    session.add_all(
        ClueGrant(
            user_id=desk.people.users[name],
            region_id=desk.work.region_id,
            from_on=date(2026, 1, 1),
            to_on=date(2027, 12, 31),
            reason="测试",
            granted_by="tests",
            **stamps,
        )
        for name in ("lead", "leader")
    )
    revisit = desk.newest(Inspection)
    former = former_issues(session, revisit, actor=desk.people.actor("clerk"))[0].issue
    bad = Judgement(verdict=Verdict.RELAPSED, text="再次发生", judged_on=local_date(desk.now))
    judge(session, revisit, former, bad, **desk.who("clerk"))
    next_week = local_date(desk.now) + timedelta(days=7)
    deputy = session.get_one(User, desk.people.users["clerk"])
    loan = lend(session, deputy, next_week, next_week, "出差", **desk.who("lead"))
    return {
        "advices": desk.newest_id(Advice),
        "delegations": loan.id,
        "former issue": former.id,
        "post_changes": desk.newest_id(PostChange),
        "post passed to the liaison": _pass_post(desk, "副书记", "liaison_a").id,
        "post signed for on paper": _sign_for_post(desk).id,
        "revisit": revisit.id,
    }


def _pass_post(desk: Desk, title: str, arriving: str) -> PostChange:
    session, stamps = desk.session, born(actor=TESTER, now=desk.now)
    person = session.get_one(User, desk.people.users[arriving]).person
    post = Post(unit_id=desk.people.units["a"], title=title, kind=PostKind.HEAD, **stamps)
    leaving = desk.people.actor("clerk").person_id
    holding = PostHolding(post=post, person_id=leaving, from_on=date(2024, 1, 1), **stamps)
    session.add(holding)
    session.flush()  # the change points at its id
    draft = post_changes.ChangeDraft(
        name=person.name, mobile=person.mobile, effective_on=local_date(desk.now)
    )
    change = post_changes.prepare_change(session, holding, draft, **desk.who("clerk"))
    return post_changes.confirm_change(session, change, (), **desk.who("clerk"))


def _sign_for_post(desk: Desk) -> PostChange:
    change, today = _pass_post(desk, "纪检组长", "head_a"), local_date(desk.now)
    return post_changes.acknowledge_on_paper(
        desk.session, change, today, desk.scan(), **desk.who("clerk")
    )


def _write_letters(desk: Desk) -> dict[str, int]:
    """A letter that was answered with a file, a talk with one, a decision."""
    session, now = desk.session, desk.now
    letter = make_letter(
        session, desk.people, desk.storage.folder, now=now, state=LetterState.RECEIVED
    )
    reply = replying.reply_to_letter(
        session, letter, "已按要求整改。", desk.scan(), **desk.who("clerk")
    )
    talk, decision = make_records(session, desk.people, now=now)
    talk.file = desk.scan()
    session.flush()  # the ids are wanted
    return {
        "accountabilities": decision.id,
        "interviews": talk.id,
        "letter_replies": reply.id,
        "letters": letter.id,
    }


def _work_on(desk: Desk) -> dict[str, int]:
    """Tasks in every state, the unit's evidence, and each kind of signature as a scan."""
    session, unit = desk.session, desk.who("liaison_a")
    tasks = {f"task {state.value}": desk.task(state).id for state in S}
    task = session.get_one(Task, tasks[f"task {S.IN_PROGRESS.value}"])
    said = proving.Statement(
        title="制度文本", document_on=local_date(desk.now), is_confirmed_not_secret=True
    )
    piece = proving.add_evidence(session, task, desk.scan("制度文本.pdf"), said, **unit)
    progress = Progress(text="已召开专题会。", completion=CompletionClass.PARTLY)
    returned = fill_in(session, task, desk.scan("填报表.pdf"), **unit)
    line = monthly.FilledRow(task=task, seen=task.version, progress=progress)
    (report,) = monthly.report_month(session, [line], **unit)
    monthly.sign_month_by_scan(session, report, desk.scan(), **unit)
    extending.ask_extension(session, task, date(2027, 1, 10), "汛期无法施工", **unit)
    session.flush()  # the scan looks for the application
    extending.sign_extension_by_scan(session, task, desk.scan(), **unit)
    closing.sign_closure_by_scan(session, desk.task(S.UNIT_CHECK, "scan"), desk.scan(), **unit)
    signed = _plan_of(desk, desk.task(S.PLANNING, "sign_plan_scan"))
    plan_steps.sign_plan_by_scan(session, signed, desk.scan(), **unit)
    waiting = desk.task(S.PLANNING, "sign_plan")
    return tasks | {
        "document_signatures": desk.newest_id(DocumentSignature),
        "evidences": piece.id,
        "extensions": desk.newest_id(Extension),
        "fill_in_returns": returned.id,
        "issue of the plan": session.get_one(Issue, waiting.issue_id).id,
        "monthly_reports": desk.newest_id(MonthlyReport),
        "sign_offs": desk.newest_id(SignOff),
        "task of the plan": waiting.id,
        "tasks": task.id,
        "unit_documents": _plan_of(desk, waiting).id,
    }


def _hand_in(desk: Desk) -> dict[str, int]:
    """A report of the unit that is not handed in yet, a milestone with its document."""
    session, today = desk.session, local_date(desk.now)
    said = proving.Statement(title="报告", document_on=today, is_confirmed_not_secret=True)
    document = begin_document(
        session,
        session.get_one(Feedback, desk.work.feedback_ids["a"]),
        session.get_one(Unit, desk.people.units["a"]),
        DocumentKind.PROGRESS_REPORT,
        Written(said=said, file=desk.scan("报告.pdf")),
        **desk.who("liaison_a"),
    )
    query = (
        select(Milestone)
        .join(Milestone.inspection)
        .where(Inspection.conducting_region_id == desk.work.region_id, Milestone.done_on.is_(None))
    )
    row = session.scalars(query.order_by(Milestone.id).limit(1)).one()
    registered = edit_milestone(
        session,
        row,
        due_on=row.due_on,
        done_on=today,
        exempt_reason=None,
        file=desk.scan("材料.pdf"),
        **desk.who("clerk"),
    )
    session.flush()  # the ids are wanted
    return {
        "unit document": document.id,
        "document_versions": document.versions[0].id,
        "milestone_events": registered.events[0].id,
        "milestones": registered.id,
    }


def _export_in_the_background(desk: Desk) -> int:
    """A ledger that the clerk had exported in the background, waiting to be fetched."""
    wish = Wish(kind=WorkKind.LEDGER_EXPORT, subject="台账", params={}, back_to="/ledger/export")
    work = ask_work(desk.session, wish, **desk.who("clerk"))
    results = ResultFiles(desk.storage.folder.parent / "results")
    with results.writing("台账.xlsx", "application/octet-stream") as draft:
        draft.file.write(b"ledger")
    held = claim(desk.session, work.id, worker="tests", now=desk.now)
    assert held is not None
    finish(desk.session, held, Made(file=draft.result), keep_days=7, now=desk.now)
    return work.id


def _rename_unit(desk: Desk) -> UnitChange:
    unit = desk.session.get_one(Unit, desk.people.units["b"])
    when = Decision(effective_on=local_date(desk.now), document="编办批复")
    name = f"{unit.name}（新）"
    return rename_unit(desk.session, unit, name, name, when, **desk.who("clerk"))


def _plan_of(desk: Desk, task: Task) -> UnitDocument:
    query = select(UnitDocument).where(UnitDocument.feedback_id == task.feedback_id)
    return desk.session.scalars(query).one()
