"""Which reminder step is due on a day: from the data alone, never from whether a job has run.

The ladder and its offsets are our own choice after values seen in real cities; every row can be
changed per region and per round. Offsets are calendar days, working days, or a share of the time
allowed; repeats are working days, counted from the day a rule last spoke and numbered onward: a
calendar that arrives later or another interval changes neither what was said nor its number.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.kernel.labels import LabelledEnum
from tracker.notifications.rules import PERSONAL as PERSONAL
from tracker.notifications.rules import Audience, Way
from tracker.workdays.rules import WorkCalendar


class AnchorKind(LabelledEnum):
    """The date a rule counts from."""

    TASK_DUE = "task_due", "整改时限"
    PLAN_DUE = "plan_due", "整改方案报送时限"
    MILESTONE_DUE = "milestone_due", "节点时限"
    REVIEW_DUE = "review_due", "长期整改复查"
    OFFICE_REVIEW = "office_review", "待审核销号"
    PLAN_REVIEW = "plan_review", "整改方案待审核"
    EXTENSION_REVIEW = "extension_review", "延期申请待审批"
    LETTER_REPLY = "letter_reply", "函件回复时限"
    COUNTY_SUBMISSION = "county_submission", "县区报送时限"


class OffsetKind(LabelledEnum):
    """What a rule's offset counts."""

    DAYS = "days", "日历天"
    WORKDAYS = "workdays", "工作日"
    PERCENT = "percent", "已用时限的百分比"


class SentBy(LabelledEnum):
    """What an office chooses of a rule: the ways, and not to send at all."""

    DEFAULT = Way.DEFAULT.value, "默认（按提醒对象）"
    GROUP = Way.GROUP.value, "群机器人"
    APP = Way.APP.value, "应用消息"
    INBOX = Way.INBOX.value, "站内消息"
    MAIL = Way.MAIL.value, "邮件"
    CALL_LIST = "call_list", "仅催办清单（不发送）"

    @property
    def way(self) -> Way:
        """Return by which way; what is not sent has the default."""
        return Way.DEFAULT if self is SentBy.CALL_LIST else Way(self.value)

    @property
    def word(self) -> str:
        """Return the label without its explanation."""
        return self.label.partition("（")[0]


class RuleStatus(LabelledEnum):
    """A new rule starts in dry run."""

    DRY_RUN = "dry_run", "试运行（不发送）"
    ACTIVE = "active", "启用"
    OFF = "off", "停用"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One step of a ladder, once or repeated.

    `offset_days` counts from the anchor (negative = before) in what `offset_kind` says; a per cent
    counts the time allowed from its beginning. `every_workdays` > 0 repeats until closed.
    `min_span_days`: only where the whole allowed time is longer than this. `wording`: what stands
    in place of date and days; empty = the usual words. `is_in_product_only`: never sent, a to-do or
    a line on the list of calls; `way`: by which kind of channel what is sent goes.
    """

    code: str
    label: str
    anchor: AnchorKind
    offset_days: int
    audience: Audience = Audience.UNIT
    every_workdays: int = 0
    min_span_days: int = 0
    is_in_product_only: bool = False
    starts_on: date | None = None
    offset_kind: OffsetKind = OffsetKind.DAYS
    wording: str = ""
    way: Way = Way.DEFAULT

    @property
    def sent_by(self) -> SentBy:
        """Return what the office has chosen."""
        return sent_by(self.way, is_in_product_only=self.is_in_product_only)

    @property
    def reached_by(self) -> SentBy:
        """Return the same with the default said out, where that is one way: a group."""
        chosen = self.sent_by
        is_group = chosen is SentBy.DEFAULT and self.audience not in PERSONAL
        return SentBy.GROUP if is_group else chosen


def sent_by(way: Way, *, is_in_product_only: bool) -> SentBy:
    """Return the choice that two columns keep."""
    return SentBy.CALL_LIST if is_in_product_only else SentBy(way.value)


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """What is asked about: the date that counts, and whether anybody may be reminded of it.

    `on` is None where the due date is unknown; `span_days` is the whole time allowed, in calendar
    days, None where nobody knows when it began. `is_waiting` says that the reminded side has to
    act: false while the task is with the office, or its unit is paused.
    """

    kind: AnchorKind
    on: date | None
    span_days: int | None = None
    is_doubtful: bool = False
    is_waiting: bool = True


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that is due: `on` is the working day it fell to, or on which it was said;
    `occurrence` counts repeats onward. `is_said`: said before, or queued for it."""

    rule: Rule
    anchor_on: date
    occurrence: int
    on: date
    is_said: bool = False


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a rule last said about an object since its date stands: number and day (None: nothing
    yet, or on a day that is still to come), whether it is still on its way, and the number the next
    one bears."""

    occurrence: int = 0
    on: date | None = None
    is_on_its_way: bool = False
    following: int = 1


History = Mapping[tuple[str, Audience], Said]
"""What each rule (its code, for whom) last said about one object."""
NOTHING_SAID: History = {}


def steps_due(
    anchor: Anchor,
    rules: Iterable[Rule],
    *,
    today: date,
    calendar: WorkCalendar,
    history: History = NOTHING_SAID,
) -> list[Step]:
    """Return the highest step come due for each audience, chat apart from what stays in the
    product; nothing on a day off.

    Lower steps are superseded: whatever was missed before is never made up for. A step that was
    said stands on the day it was said. The same data on the same day always give the same answer.
    """
    if anchor.on is None or anchor.is_doubtful or not anchor.is_waiting:
        return []
    if not calendar.is_workday(today):
        return []
    found: dict[tuple[Audience, bool], list[Step]] = defaultdict(list)
    for rule in rules:
        step = _latest(rule, anchor, anchor.on, today, calendar, history)
        if step is not None:
            found[rule.audience, rule.is_in_product_only].append(step)
    return [max(steps, key=_height) for steps in found.values()]


def _height(step: Step) -> tuple[date, bool, int, str]:
    return step.on, step.is_said, step.rule.offset_days, step.rule.code


def _latest(
    rule: Rule,
    anchor: Anchor,
    anchor_on: date,
    today: date,
    calendar: WorkCalendar,
    history: History,
) -> Step | None:
    """Return the rule's last step on or before today."""
    if not _applies(rule, anchor, today):
        return None
    said = _last_said(rule, history)
    if said.on is not None and not _is_over(rule, said, said.on, today, calendar):
        return Step(
            rule=rule, anchor_on=anchor_on, occurrence=said.occurrence, on=said.on, is_said=True
        )
    first = first_day(rule, anchor_on, calendar, span_days=anchor.span_days)
    if first > today and said.on is None:
        return None
    if not rule.every_workdays:
        has_been = said.occurrence > 0  # on a day that is still to come: the clock was ahead
        return Step(rule=rule, anchor_on=anchor_on, occurrence=1, on=first, is_said=has_been)
    since = first if said.on is None else said.on
    rounds, rest = divmod(calendar.workdays_between(since, today), rule.every_workdays)
    on = calendar.add_workdays(today, -rest)
    number = said.following if said.following > 1 or said.on is not None else rounds + 1
    return Step(rule=rule, anchor_on=anchor_on, occurrence=number, on=on)


def _is_over(rule: Rule, said: Said, on: date, today: date, calendar: WorkCalendar) -> bool:
    """Return whether it is time to say it again. What is still on its way will be said anew."""
    if not rule.every_workdays or said.is_on_its_way:
        return False
    return calendar.workdays_between(on, today) >= rule.every_workdays


def _last_said(rule: Rule, history: History) -> Said:
    """Return what a rule last said; a repeated one goes on from where it was before it was
    altered, or copied for a round: under another code, but not by what is still on its way."""
    own = history.get((rule.code, rule.audience), Said())
    if not rule.every_workdays or own.is_on_its_way:
        return own
    family = [
        said
        for (code, audience), said in history.items()
        if audience is rule.audience
        and code != rule.code
        and bare_code(code) == bare_code(rule.code)
        and said.on is not None
        and not said.is_on_its_way
    ]
    newest = max(family, key=lambda said: said.on or date.min, default=None)
    if newest is None or newest.on is None or (own.on is not None and own.on >= newest.on):
        return own
    following = max(own.following, newest.following)
    return Said(occurrence=following - 1, on=newest.on, following=following)


def _applies(rule: Rule, anchor: Anchor, today: date) -> bool:
    if rule.anchor is not anchor.kind or (rule.starts_on is not None and today < rule.starts_on):
        return False
    is_share = rule.offset_kind is OffsetKind.PERCENT
    if anchor.span_days is None:
        return rule.min_span_days == 0 and not is_share
    needed = max(rule.min_span_days, 0 if is_share else -rule.offset_days)
    return needed <= 0 or anchor.span_days > needed


def first_day(
    rule: Rule, anchor_on: date, calendar: WorkCalendar, *, span_days: int | None = None
) -> date:
    """Return the working day of a rule's first step; `span_days` is the time allowed.

    Up to the due date a step on a day off moves back, after it forward. A share of the time
    allowed rounds up to whole days: 50% of 61 days is day 31.
    """
    if rule.offset_kind is OffsetKind.WORKDAYS and rule.offset_days:
        return calendar.add_workdays(anchor_on, rule.offset_days)
    if rule.offset_kind is OffsetKind.PERCENT:
        left = (span_days or 0) * (100 - rule.offset_days) // 100
        return calendar.previous_workday(anchor_on - timedelta(days=left))
    plain = anchor_on + timedelta(days=rule.offset_days)
    if rule.offset_days <= 0:
        return calendar.previous_workday(plain)
    return calendar.next_workday(plain)


HOLIDAY_MARGIN_DAYS = 15
LONGEST_ALLOWED_DAYS = 800
"""The longest time allowed of which a share can be asked for: a little over two years."""


def notice_days(rule: Rule) -> int:
    """Return how many calendar days before its date a rule may speak, days off included."""
    return notice_of(rule.offset_kind, rule.offset_days)


def notice_of(kind: OffsetKind, offset_days: int) -> int:
    """Return the same of an offset."""
    if kind is OffsetKind.PERCENT:
        return LONGEST_ALLOWED_DAYS + HOLIDAY_MARGIN_DAYS
    weeks = 7 / 5 if kind is OffsetKind.WORKDAYS else 1
    return max(0, int(-offset_days * weeks)) + HOLIDAY_MARGIN_DAYS


LAST_STEP_DAYS = 7
"""From this day late on an open task is never left unspoken of."""
DUE_ANCHORS = (
    AnchorKind.TASK_DUE,
    AnchorKind.PLAN_DUE,
    AnchorKind.MILESTONE_DUE,
    AnchorKind.REVIEW_DUE,
    AnchorKind.LETTER_REPLY,
)
WITH_OFFICE = frozenset(
    {AnchorKind.OFFICE_REVIEW, AnchorKind.PLAN_REVIEW, AnchorKind.EXTENSION_REVIEW}
)
"""The day the waiting for the office began: no due date, and no unit is reminded."""
ALTERED = "~"
"""Stands in the code of a rule whose timing was altered: another code, so another key."""


def bare_code(code: str) -> str:
    """Return the code a rule had before it was altered or copied for a round."""
    return code.rpartition(":")[2].partition(ALTERED)[0]
