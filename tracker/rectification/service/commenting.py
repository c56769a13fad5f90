"""意见: short texts on a task by office, unit and supervisors; written once, never changed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import OFFICE, UNIT, conducts_row
from tracker.rectification.models import Task, TaskComment
from tracker.rectification.rules.words import CommentSide

MAX_CHARACTERS = 1000


def add_comment(
    session: Session,
    task: Task,
    text: str,
    *,
    is_internal: bool = False,
    actor: Actor,
    now: datetime,
) -> TaskComment:
    """Write a comment. An internal one is read by the conducting office alone, never by a unit."""
    if not may(actor, Permission.TASK_COMMENT):
        raise DomainError("您的角色不能发表意见。")
    text = text.strip()
    if not text or len(text) > MAX_CHARACTERS:
        raise DomainError(f"请填写意见，最多 {MAX_CHARACTERS} 个字。")
    if is_internal and not conducts_row(actor, task.region_id):
        raise DomainError("只有承办的巡察办可以写内部意见。")
    last = comments_of(session, task, actor=actor)[-1:]
    if last and (last[0].text, last[0].author_user_id) == (text, actor.user_id):
        raise DomainError("这条意见已经保存，不需要再次提交。")
    comment = TaskComment(
        task_id=task.id,
        side=_side_of(actor),
        text=text,
        is_internal=is_internal,
        written_at=now,
        author=actor.label,
        author_user_id=actor.user_id,
    )
    session.add(comment)
    record(
        session,
        "comment_added",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"is_internal": is_internal},
    )
    return comment


def comments_of(session: Session, task: Task, *, actor: Actor) -> list[TaskComment]:
    """Return a task's comments in the order they were written, without what is not for the actor."""
    query = select(TaskComment).where(TaskComment.task_id == task.id)
    if not conducts_row(actor, task.region_id):
        query = query.where(TaskComment.is_internal.is_(False))
    return list(session.scalars(query.order_by(TaskComment.id)))


def _side_of(actor: Actor) -> CommentSide:
    if actor.role is None or actor.role in OFFICE:
        return CommentSide.OFFICE
    return CommentSide.UNIT if actor.role in UNIT else CommentSide.SUPERVISOR
