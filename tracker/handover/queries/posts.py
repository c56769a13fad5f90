"""Changes of post, and what is open for a person on the day they leave."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.handover.models import PostChange, PostChangeItem
from tracker.handover.rules import ChangeState, ItemKind
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Role
from tracker.letters.models import Letter
from tracker.letters.queries.letters import is_open_reply
from tracker.letters.rules.letters import LetterState
from tracker.organizations.scope import UNIT, conducts
from tracker.people.models import Person, Post, User
from tracker.people.rules import SIGN_IN_OF_POST, PostKind
from tracker.rectification.models import Extension, Task, TaskDuty, TaskUnit, UnitDocument
from tracker.rectification.queries import is_open
from tracker.rectification.rules.words import (
    DocumentEventKind,
    DocumentKind,
    ExtensionState,
    TaskState,
)
from tracker.rectification.service.document_events import last_event

LIST_SIZE = 200
LABEL = 200
OF_UNIT = frozenset({PostKind.HEAD, PostKind.LIAISON})
TAKEN_OVER = (ChangeState.CONFIRMED, ChangeState.ACKNOWLEDGED)
PARTS = (
    joinedload(PostChange.unit),
    joinedload(PostChange.post),
    joinedload(PostChange.holding),
    joinedload(PostChange.leaving),
    joinedload(PostChange.arriving),
    joinedload(PostChange.file),
)


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """Something open that passes with a post."""

    kind: ItemKind
    label: str
    task: Task | None = None
    duty: TaskDuty | None = None
    document_id: int | None = None
    letter_id: int | None = None


def list_changes(session: Session, *, actor: Actor) -> list[PostChange]:
    """Return the changes of the actor's office, those under way first."""
    query = (
        select(PostChange)
        .where(conducts(actor, region=PostChange.region_id))
        .options(*PARTS)
        .order_by(
            PostChange.state.in_((ChangeState.ACKNOWLEDGED, ChangeState.CANCELLED)),
            PostChange.effective_on.desc(),
            PostChange.id.desc(),
        )
    )
    return list(session.scalars(query.limit(LIST_SIZE)))


def get_change(session: Session, change_id: int, *, actor: Actor) -> PostChange:
    """Return a change that the actor's office keeps."""
    return _one(session, change_id, conducts(actor, region=PostChange.region_id))


def changes_for(session: Session, *, actor: Actor) -> list[PostChange]:
    """Return what has been passed to the actor in person, the newest first."""
    query = select(PostChange).where(_is_for(actor)).options(*PARTS)
    return list(session.scalars(query.order_by(PostChange.id.desc()).limit(LIST_SIZE)))


def get_change_for(session: Session, change_id: int, *, actor: Actor) -> PostChange:
    """Return a change that passed to the actor in person, in the unit they work in now."""
    return _one(session, change_id, _is_for(actor))


def _is_for(actor: Actor) -> ColumnElement[bool]:
    whose = (
        PostChange.arriving_id == (actor.person_id if actor.role in UNIT else None),
        PostChange.unit_id == actor.unit_id,
    )
    return PostChange.state.in_(TAKEN_OVER) & whose[0] & whose[1]


def _one(session: Session, change_id: int, allowed: ColumnElement[bool]) -> PostChange:
    query = (
        select(PostChange)
        .where(PostChange.id == change_id, allowed)
        .options(
            *PARTS,
            selectinload(PostChange.items).joinedload(PostChangeItem.task).joinedload(Task.issue),
            selectinload(PostChange.items).joinedload(PostChangeItem.old_duty),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def open_items(session: Session, post: Post, person: Person) -> list[OpenItem]:
    """Return everything open that a person leaves behind with a post."""
    duties = _duties(session, post, person)
    items = [
        OpenItem(
            kind=ItemKind.DUTY,
            label=f"{duty.role.label}　{task.task_no}",
            task=task,
            duty=duty,
        )
        for duty, task in duties
    ]
    if post.kind in OF_UNIT:
        known = {task.id for _duty, task in duties}
        items += list(_unit_tasks(session, post.unit_id, known))
        items += list(_plans(session, post))
        items += list(_letters(session, post.unit_id))
    if post.kind is PostKind.HEAD:
        items += list(_closures(session, post.unit_id))
        items += list(_extensions(session, post.unit_id))
    return items


def _duties(session: Session, post: Post, person: Person) -> list[tuple[TaskDuty, Task]]:
    """Return duties in the post's unit; those of somebody in the office wherever they are."""
    query = (
        select(TaskDuty, Task)
        .join(Task, Task.id == TaskDuty.task_id)
        .where(TaskDuty.person_id == person.id, TaskDuty.to_on.is_(None), is_open())
        .order_by(Task.task_no, TaskDuty.id)
    )
    if post.kind is not PostKind.OFFICE:
        shared = select(TaskUnit.task_id).where(TaskUnit.unit_id == post.unit_id)
        query = query.where(or_(Task.lead_unit_id == post.unit_id, Task.id.in_(shared)))
    rows = session.execute(query.options(joinedload(Task.issue)))
    return [(duty, task) for duty, task in rows]


def _unit_tasks(session: Session, unit_id: int, known: set[int]) -> Iterator[OpenItem]:
    """Yield the unit's other open tasks: a head or liaison answers for them without a duty row."""
    query = select(Task).where(Task.lead_unit_id == unit_id, is_open())
    for task in session.scalars(query.options(joinedload(Task.issue)).order_by(Task.task_no)):
        if task.id not in known:
            yield OpenItem(kind=ItemKind.UNIT_TASK, label=task.task_no, task=task)


def _plans(session: Session, post: Post) -> Iterator[OpenItem]:
    """Yield plans whose next step is the head's signature, or the liaison's writing."""
    query = (
        select(UnitDocument)
        .where(
            UnitDocument.unit_id == post.unit_id,
            UnitDocument.kind == DocumentKind.PLAN,
            UnitDocument.passed_on.is_(None),
        )
        .options(joinedload(UnitDocument.feedback), selectinload(UnitDocument.events))
    )
    for plan in session.scalars(query.order_by(UnitDocument.id)):
        event = last_event(plan)
        waits_for_head = event is DocumentEventKind.SUBMITTED
        if event is not DocumentEventKind.SIGNED and waits_for_head is (post.kind is PostKind.HEAD):
            label = plan.feedback.title[:LABEL]
            yield OpenItem(kind=ItemKind.PLAN, label=label, document_id=plan.id)


def _closures(session: Session, unit_id: int) -> Iterator[OpenItem]:
    query = select(Task).where(Task.lead_unit_id == unit_id, Task.state == TaskState.UNIT_CHECK)
    for task in session.scalars(query.options(joinedload(Task.issue)).order_by(Task.task_no)):
        yield OpenItem(kind=ItemKind.CLOSURE, label=task.task_no, task=task)


def _extensions(session: Session, unit_id: int) -> Iterator[OpenItem]:
    query = (
        select(Extension)
        .join(Extension.task)
        .where(Task.lead_unit_id == unit_id, Extension.state == ExtensionState.ASKED)
        .options(joinedload(Extension.task).joinedload(Task.issue))
        .order_by(Extension.id)
    )
    for extension in session.scalars(query):
        label = f"{extension.task.task_no} 延至 {extension.new_due.isoformat()}"
        yield OpenItem(kind=ItemKind.EXTENSION, label=label, task=extension.task)


def _letters(session: Session, unit_id: int) -> Iterator[OpenItem]:
    """Yield letters that the unit has to receive or to reply to."""
    waits = or_(Letter.state == LetterState.SENT, is_open_reply())
    query = select(Letter).where(Letter.unit_id == unit_id, waits)
    for letter in session.scalars(query.order_by(Letter.id)):
        due = f"，{letter.reply_due.isoformat()} 前回复" if letter.reply_due else ""
        label = f"{letter.kind_label} {letter.doc_no}{due}"[:LABEL]
        yield OpenItem(kind=ItemKind.LETTER, label=label, letter_id=letter.id)


@dataclass(frozen=True)
class AccountHint:
    """What a change of post leaves for the administrator to do with sign-ins."""

    change: PostChange
    user: User | None

    @property
    def is_to_end(self) -> bool:
        """Whether somebody's old sign-in still works; else the arriving person has none."""
        return self.user is not None


def roles_of(post: Post) -> tuple[Role, ...]:
    """Return the roles of the sign-ins that belong to a post."""
    if post.kind is PostKind.OFFICE:
        return (Role.OFFICE_CLERK, Role.OFFICE_LEAD)
    role = SIGN_IN_OF_POST.get(post.kind)
    return (role,) if role else ()


def account_hints(
    session: Session, *, kept: ColumnElement[bool], change_id: int | None = None
) -> list[AccountHint]:
    """Return sign-ins to end or to make after changes of post. `kept`: whose changes, by region."""
    query = select(PostChange).where(PostChange.state.in_(TAKEN_OVER), kept).options(*PARTS)
    if change_id is not None:
        query = query.where(PostChange.id == change_id)
    changes = [change for change in session.scalars(query) if roles_of(change.post)]
    persons = {person for change in changes for person in (change.leaving_id, change.arriving_id)}
    users = list(
        session.scalars(
            select(User)
            .where(User.person_id.in_(persons), User.is_active)
            .options(joinedload(User.person))
        )
    )
    return [hint for change in changes for hint in _hints_of(change, users)]


def _hints_of(change: PostChange, users: list[User]) -> Iterator[AccountHint]:
    roles = roles_of(change.post)
    in_post = [
        user
        for user in users
        if user.role in roles
        and (change.post.kind is PostKind.OFFICE or user.unit_id == change.unit_id)
    ]
    for user in in_post:
        if user.person_id == change.leaving_id:
            yield AccountHint(change, user)
    has_sign_in = any(user.person_id == change.arriving_id for user in in_post)
    if not has_sign_in and change.state is ChangeState.CONFIRMED:
        yield AccountHint(change, None)
