"""Answer “why can't X see Y” with the rule, and nothing of the row."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.diagnosis import queries
from tracker.diagnosis.pages import NO_PAGE, Page, why_page_barred
from tracker.feedback.explaining import owner_of, why_issue_unseen
from tracker.handover.queries.clues import CLUES_ON, is_switched_on
from tracker.kernel.clock import local_date
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import LENDABLE, Actor, Permission, may
from tracker.organizations.explaining import Whose, why_unseen
from tracker.people.delegating import loans_of
from tracker.people.models import Delegation, User
from tracker.people.queries import recent_failures
from tracker.people.rules import MAX_FAILURES
from tracker.people.service import actor_of
from tracker.rectification.explaining import why_task_unseen
from tracker.rectification.queries import shares_issue


class Subject(LabelledEnum):
    """What somebody is said not to see."""

    TASK = "task", "任务（任务编号）"
    ISSUE = "issue", "反馈问题（问题编号）"
    UNIT = "unit", "单位的内容（单位代码或名称）"
    PAGE = "page", "页面（地址）"


PERMISSION_OF = {
    Subject.TASK: Permission.TASK_READ,
    Subject.ISSUE: Permission.ISSUE_READ,
    Subject.UNIT: Permission.TASK_READ,
}


OF_CLUES = frozenset({Permission.CLUE_READ, Permission.CLUE_EDIT})


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is asked about: a number as typed, or a page by its address."""

    subject: Subject
    text: str = ""
    page: Page = NO_PAGE

    @property
    def needed(self) -> Permission | None:
        """Return the permission without which nothing is seen."""
        return self.page.permission or PERMISSION_OF.get(self.subject)


@dataclass
class Diagnosis:
    """The rules that stand in the way, and remarks that do not.

    `is_whole`: the row was looked at too, not the role's permission alone.
    """

    rules: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    is_whole: bool = True

    @property
    def is_visible(self) -> bool:
        """Whether the person can see it now; never said where the row was not looked at."""
        return self.is_whole and not self.rules


def diagnose(
    session: Session, user: User, target: Target, *, actor: Actor, now: datetime
) -> Diagnosis:
    """Return every rule that hides the target from the user. DomainError when there is no such.

    Who asked about whom, with the number typed, is audited.
    """
    found = Diagnosis(is_whole=None not in target.page.kinds.values())
    hidden = _row_rule(session, user, target, actor=actor, today=local_date(now))
    _check_account(session, user, found, now=now)
    _check_permission(session, user, target, found, today=local_date(now))
    if target.needed in OF_CLUES and not is_switched_on(session, CLUES_ON, user.region_id):
        found.rules.append("线索模块在该账号所在地区没有启用。")
    if hidden is not None:
        found.rules.append(hidden.label)
    ended = queries.end_of_posts(session, user, today=local_date(now))
    if ended is not None:
        found.remarks.append(f"该人在本单位的任职已于 {ended} 结束。")
    record(
        session,
        "access_diagnosed",
        actor=actor,
        now=now,
        object_type="user",
        object_id=user.id,
        detail={"subject": target.subject.value, "typed": target.text[:60]},
    )
    return found


def _row_rule(
    session: Session, user: User, target: Target, *, actor: Actor, today: date
) -> LabelledEnum | None:
    who = actor_of(user, lent=loans_of(session, user, today=today))
    if target.subject is Subject.TASK:
        return why_task_unseen(
            queries.task_asked_about(session, target.text, actor=actor), actor=who
        )
    if target.subject is Subject.ISSUE:
        issue = queries.issue_asked_about(session, target.text, actor=actor)
        shared = shares_issue(session, issue, actor=who)
        return None if shared else why_issue_unseen(issue, actor=who)
    if target.subject is Subject.UNIT:
        unit = queries.unit_asked_about(session, target.text, actor=actor)
        return why_unseen(who, Whose(region_id=unit.region_id, owner=owner_of(unit)))
    rows = queries.rows_asked_about(session, target.page, actor=actor)
    return why_page_barred(session, target.page, rows, actor=who, today=today)


def _check_account(session: Session, user: User, found: Diagnosis, *, now: datetime) -> None:
    failures, _ = recent_failures(session, user.username, "", now=now)
    if not user.is_active:
        found.rules.append("账号已停用，不能登录。")
    if failures >= MAX_FAILURES:
        found.rules.append("账号因连续输错密码暂时锁定，30 分钟后自动解除。")
    if user.must_change_password:
        found.rules.append("账号还没有修改初始密码，修改前不能打开其他页面。")


def _check_permission(
    session: Session, user: User, target: Target, found: Diagnosis, *, today: date
) -> None:
    needed = target.needed
    who = actor_of(user, lent=loans_of(session, user, today=today))
    if needed is None or may(who, needed):
        return
    loans = [
        loan
        for loan in queries.loans_to(session, user.id)
        if needed in LENDABLE.get(loan.from_user.role, ())
    ]
    sentence = f"角色“{user.role.label}”没有这项权限（{needed.value}）。"
    found.rules.append(sentence + (_why_lapsed(loans[0], today) if loans else ""))


def _why_lapsed(loan: Delegation, today: date) -> str:
    if loan.revoked_at is not None:
        return "曾有授权代理，已被撤销。"
    if today < loan.from_on:
        return f"授权代理从 {loan.from_on} 起才生效。"
    if loan.to_on < today:
        return f"授权代理已于 {loan.to_on} 到期。"
    return "授权代理现在不起作用：双方的账号、角色或单位已有变化。"
