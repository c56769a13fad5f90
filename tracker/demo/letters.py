"""Letters of the county's office in every state of their path, a talk, a decision."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from tracker.demo.book import Book
from tracker.demo.organizations import COUNTY
from tracker.kernel.permissions import Actor
from tracker.letters.models import Letter
from tracker.letters.queries.words import letter_kind
from tracker.letters.rules.words import Held
from tracker.letters.service import replying, signing, writing
from tracker.letters.service.recording import (
    AccountabilityFacts,
    InterviewFacts,
    register_accountability,
    register_interview,
)
from tracker.letters.service.writing import LetterText
from tracker.letters.texts import first_body, first_title
from tracker.people.service import actor_of
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState


@dataclass(frozen=True, kw_only=True)
class Story:
    """One letter: its kind, how many days ago it was signed, how many days there are to reply."""

    kind: str
    signed_ago: int
    reply_days: int = 15
    steps: tuple[str, ...] = ()


STORIES = (
    Story(kind="supervision", signed_ago=30, steps=("sign", "send", "receive", "reply", "accept")),
    Story(kind="supervision", signed_ago=20, steps=("sign", "send", "receive")),
    Story(kind="duty", signed_ago=6, steps=("sign", "send")),
    Story(kind="supervision", signed_ago=5, steps=("sign", "send", "receive", "reply")),
    Story(kind="reminder", signed_ago=4, steps=("sign", "void")),
    Story(kind="duty", signed_ago=0),
)


def add_letters(book: Book) -> None:
    """Write about tasks that are late; the units that sign in come first."""
    book.session.flush()  # the service reads what was written
    clerk, lead = (actor_of(book.users[name]) for name in ("county-clerk", "county-lead"))
    tasks = _late_tasks(book)
    for story, task in zip(STORIES, tasks, strict=False):
        _write(book, story, task, clerk, lead)
    if tasks:
        _records(book, tasks[0], clerk)


def _late_tasks(book: Book) -> list[Task]:
    query = select(Task).where(
        Task.region_id == book.regions[COUNTY].id,
        Task.state == TaskState.IN_PROGRESS,
        Task.due_on < book.today,
    )
    signing_in = {unit_id for unit_id, staff in book.staff.items() if staff.has_sign_in}
    found = list(book.session.scalars(query.order_by(Task.due_on, Task.id)))
    return sorted(found, key=lambda task: task.lead_unit_id not in signing_in)


def _write(book: Book, story: Story, task: Task, clerk: Actor, lead: Actor) -> Letter:
    signed_on = book.ago(story.signed_ago)
    kind = letter_kind(book.session, task.region_id, story.kind)
    due = signed_on + timedelta(days=story.reply_days) if kind.needs_reply else None
    text = LetterText(
        title=first_title(kind.label, is_about_tasks=True),
        body=first_body(kind.code, tasks=[task], reply_due=due),
        needs_reply=kind.needs_reply,
        reply_due=due,
        task_ids=(task.id,),
    )
    letter = writing.draft_letter(
        book.session,
        task.region_id,
        task.lead_unit_id,
        kind.code,
        text,
        actor=clerk,
        now=book.at(signed_on),
    )
    for place, step in enumerate(story.steps):
        day = min(book.today, signed_on + timedelta(days=place))
        _step(book, letter, step, day, clerk, lead)
    return letter


def _step(book: Book, letter: Letter, step: str, day: date, clerk: Actor, lead: Actor) -> None:
    session, now = book.session, book.at(day)
    session.flush()  # each step claims the row by its version
    if step == "sign":
        signing.number_letter(session, letter, actor=lead, now=now)
    elif step == "send":
        signing.send_letter(session, letter, actor=clerk, now=now)
    elif step == "receive":
        replying.receive_letter(session, letter, actor=clerk, now=now)
    elif step == "reply":
        text = "党组已专题研究，明确了责任人，预计本月底前整改到位。"
        replying.reply_to_letter(session, letter, text, None, actor=clerk, now=now)
    elif step == "accept":
        replying.accept_reply(session, letter, actor=clerk, now=now)
    else:
        signing.void_letter(session, letter, "与已发函件重复", actor=lead, now=now)


def _records(book: Book, task: Task, clerk: Actor) -> None:
    staff = book.staff[task.lead_unit_id]
    interview = InterviewFacts(
        person_name=staff.head.name,
        post_title="党组书记",
        is_head=True,
        held_on=book.ago(9),
        interviewer="县委巡察办主任",
        reason="整改任务逾期，收到督办函后进展仍不明显。",
        task_ids=(task.id,),
    )
    where = (task.region_id, task.lead_unit_id)
    register_interview(book.session, *where, interview, None, actor=clerk, now=book.now)
    decision = AccountabilityFacts(
        held=Held.PERSON,
        name=staff.deputy.name,
        post_title="党组成员",
        form_code="admonish",
        decided_on=book.ago(3),
        basis="履行整改责任不到位。",
        task_ids=(task.id,),
    )
    register_accountability(book.session, *where, decision, actor=clerk, now=book.now)
