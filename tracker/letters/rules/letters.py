"""The path of a letter as one small table, and how its number is written."""

from dataclasses import dataclass
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Permission


class LetterState(LabelledEnum):
    """Where a letter stands. Overdue is derived, never a state."""

    DRAFT = "draft", "拟稿"
    DISCARDED = "discarded", "已弃稿"
    SIGNED = "signed", "已签发"
    SENT = "sent", "待签收"
    RECEIVED = "received", "已签收"
    REPLIED = "replied", "已回复待审"
    RETURNED = "returned", "回复退回"
    ACCEPTED = "accepted", "回复已审核"
    VOID = "void", "已作废"


class LetterVerb(LabelledEnum):
    """What somebody does to a letter."""

    EDIT = "edit", "修改"
    DISCARD = "discard", "弃稿"
    SIGN = "sign", "签发"
    SEND = "send", "送达"
    RECEIVE = "receive", "签收"
    REPLY = "reply", "回复"
    ACCEPT_REPLY = "accept_reply", "审核通过"
    RETURN_REPLY = "return_reply", "退回回复"
    VOID = "void", "作废"


class ReplyOutcome(LabelledEnum):
    """What the office decided about a reply."""

    ACCEPTED = "accepted", "审核通过"
    RETURNED = "returned", "退回"


S, V, P = LetterState, LetterVerb, Permission
NUMBERED = frozenset(S) - {S.DRAFT, S.DISCARDED}
ISSUED = NUMBERED - {S.SIGNED, S.VOID}
WITH_UNIT = frozenset({S.SENT, S.RECEIVED, S.RETURNED})
"""Where the unit has to act — for `received` only when a reply is asked for."""
UNIT_VERBS = frozenset({V.RECEIVE, V.REPLY})


@dataclass(frozen=True)
class Step:
    """One row of the table: from where to where, with any one of which permissions."""

    verb: LetterVerb
    sources: frozenset[LetterState]
    target: LetterState
    permissions: frozenset[Permission]
    needs_reason: bool = False


REVIEW = frozenset({P.LETTER_REVIEW})
TABLE = (
    Step(V.EDIT, frozenset({S.DRAFT}), S.DRAFT, frozenset({P.LETTER_EDIT})),
    Step(V.DISCARD, frozenset({S.DRAFT}), S.DISCARDED, frozenset({P.LETTER_EDIT})),
    Step(V.SIGN, frozenset({S.DRAFT}), S.SIGNED, frozenset({P.LETTER_SIGN})),
    Step(V.SEND, frozenset({S.SIGNED}), S.SENT, frozenset({P.LETTER_SEND})),
    Step(V.RECEIVE, frozenset({S.SENT}), S.RECEIVED, frozenset({P.LETTER_REPLY})),
    Step(V.REPLY, frozenset({S.RECEIVED, S.RETURNED}), S.REPLIED, frozenset({P.LETTER_REPLY})),
    Step(V.ACCEPT_REPLY, frozenset({S.REPLIED}), S.ACCEPTED, REVIEW),
    Step(V.RETURN_REPLY, frozenset({S.REPLIED}), S.RETURNED, REVIEW, needs_reason=True),
    Step(V.VOID, NUMBERED - {S.VOID}, S.VOID, frozenset({P.LETTER_SIGN}), needs_reason=True),
)
BY_VERB = {step.verb: step for step in TABLE}


def move(
    state: LetterState, verb: LetterVerb, *, needs_reply: bool, reason: str | None = None
) -> LetterState:
    """Return the state a verb leads to. Raises DomainError when the path does not allow it."""
    step = BY_VERB[verb]
    if state not in step.sources:
        raise DomainError(f"这份函件现在是“{state.label}”，不能“{verb.label}”。请刷新页面查看。")
    if verb is V.REPLY and not needs_reply:
        raise DomainError("这份函件不要求回复，签收即办结。")
    if step.needs_reason and not (reason or "").strip():
        raise DomainError(f"“{verb.label}”必须写明理由。")
    return step.target


def awaits_reply(state: LetterState, *, needs_reply: bool) -> bool:
    """Return whether the unit still owes its reply."""
    return needs_reply and state in WITH_UNIT


def written_number(organ_code: str, year: int, number: int) -> str:
    """Write 文号: 机关代字〔2026〕N号, the year in hexagonal brackets, no leading zeros
    (GB/T 9704-2012 §7.2.5)."""
    return f"{organ_code}〔{year}〕{number}号"


def check_reply_due(reply_due: date | None, *, needs_reply: bool, today: date) -> None:
    """Refuse a letter that asks for a reply without saying by when, or by a day that has gone."""
    if needs_reply and reply_due is None:
        raise DomainError("这份函件要求回复，请填写回复时限。")
    if needs_reply and reply_due is not None and reply_due < today:
        raise DomainError(f"回复时限（{reply_due.isoformat()}）已经过去，请先修改回复时限。")
