"""批量办理: what can be done to many tasks at once, with which permission, and what it asks for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Permission, may

MAX_TASKS = 200


class BulkVerb(LabelledEnum):
    """What is done to each of the chosen tasks."""

    ISSUE = "issue", "下发"
    ACKNOWLEDGE = "acknowledge", "签收"
    RECOMMEND = "recommend", "建议销号"
    COSIGN = "cosign", "会签同意"
    CLOSE = "close", "同意销号"
    RETURN = "return", "退回整改"
    CONFIRM = "confirm", "确认基本完成"
    CORRECT_DUE = "correct-due", "更正时限"
    SKIP = "skip", "跳过已取消的环节"
    VOID = "void", "撤销"


P = Permission
V = BulkVerb
PERMISSIONS: dict[BulkVerb, tuple[Permission, ...]] = {
    V.ISSUE: (P.TASK_ISSUE,),
    V.ACKNOWLEDGE: (P.TASK_ACKNOWLEDGE,),
    V.RECOMMEND: (P.TASK_RECOMMEND,),
    V.COSIGN: (P.TASK_COSIGN,),
    V.CLOSE: (P.TASK_CLOSE,),
    V.RETURN: (P.TASK_RETURN,),
    V.CONFIRM: (P.TASK_CONFIRM,),
    V.CORRECT_DUE: (P.EXTENSION_APPROVE, P.TASK_ISSUE),
    V.SKIP: (P.TASK_SKIP,),
    V.VOID: (P.TASK_VOID,),
}
WITH_NOTE = frozenset(BulkVerb) - {V.ISSUE, V.ACKNOWLEDGE, V.SKIP}
NEEDS_NOTE = frozenset({V.RETURN, V.CORRECT_DUE, V.VOID})
WITH_DAY = frozenset({V.ISSUE, V.CORRECT_DUE})


@dataclass(frozen=True, kw_only=True)
class BulkWish:
    """What is done, and what is said about it: the same for every task."""

    verb: BulkVerb
    note: str = ""
    supplement: str = ""
    day: date | None = None
    is_sustained: bool = False
    next_review_on: date | None = None


def offered(actor: Actor) -> list[BulkVerb]:
    """Return what this person may do to many tasks at once."""
    return [
        verb for verb in BulkVerb if any(may(actor, permission) for permission in PERMISSIONS[verb])
    ]


def check_chosen(chosen: Collection[object]) -> None:
    """Refuse nothing chosen, and more than can be looked through."""
    if not chosen:
        raise DomainError("请先在任务列表中勾选要办理的任务。")
    if len(chosen) > MAX_TASKS:
        raise DomainError(f"一次最多办理 {MAX_TASKS} 项，现在选了 {len(chosen)} 项。请分批选择。")


def check_wish(wish: BulkWish) -> None:
    """Refuse a wish without the words or the day that it needs."""
    if wish.verb in NEEDS_NOTE and not wish.note.strip():
        raise DomainError(f"“{wish.verb.label}”必须写明理由。")
    if wish.verb is V.RETURN and not wish.supplement.strip():
        raise DomainError("请写明需要补充什么，单位才知道怎么改。")
    if wish.is_sustained and wish.next_review_on is None:
        raise DomainError("勾选了“销号并长期坚持”，请填写下次复查日期。")
    if wish.verb is V.CORRECT_DUE and wish.day is None:
        raise DomainError("请填写正确的整改时限。")
