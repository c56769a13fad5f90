"""From a task of the file to the task to make: what goes where, and what we have no column for. Pure."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tracker.feedback.models import Issue
from tracker.ledger.closing_day import closing_day, done_day
from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.items import ItemRow
from tracker.ledger.limits import LONGEST, LONGEST_MOBILE
from tracker.ledger.packing import to_text
from tracker.ledger.planning import PlannedTask
from tracker.ledger.rules import MeasureLine, TaskGroup
from tracker.ledger.texts import says_nothing, split_list
from tracker.rectification.rules.words import CompletionClass, TaskKind
from tracker.rectification.service.historic import MeasureDraft, TaskDraft
from tracker.rectification.service.working import Progress

REPORTED = (
    Field.PROGRESS,
    Field.UNFINISHED,
    Field.INSTITUTIONS,
    Field.ACCOUNTABILITY,
    Field.RECOVERED,
)


def draft_of(task: PlannedTask, issue: Issue, *, fed_back_on: date, today: date) -> TaskDraft:
    """Return the task to make of an issue that is in the session."""
    group = task.group
    closing = closing_day(group, fed_back_on=fed_back_on, today=today) if group.closed else None
    done_on, _ = done_day(group, today=today)
    start = min(fed_back_on, today)
    owners = tuple(_owners(group))
    return TaskDraft(
        issue=issue,
        unit=task.unit,
        kind=kind_of(group),
        recorded_on=min(start, closing.on) if closing else start,
        closed_on=closing.on if closing else None,
        reason=closing.note.detail if closing and closing.note else None,
        goal=group.text(Field.GOAL) or None,
        due_text_raw=group.due_text_raw[: LONGEST[Field.DUE]] or None,
        due_on=group.due_on,
        is_long_term=group.long_term,
        is_due_doubtful=group.to_confirm,
        completion=group.completion or (CompletionClass.DONE if group.closed else None),
        done_on=done_on,
        lead_dept=group.lead_dept[: LONGEST[Field.LEAD_DEPT]] or None,
        support_depts="、".join(group.support_depts)[: LONGEST[Field.SUPPORT_DEPTS]] or None,
        remark=group.text(Field.REMARK) or None,
        extra=_extra(group, {name: mobile for name, mobile in owners if mobile}),
        measures=tuple(_measure(line, today=today) for line in group.measures),
        lead_leaders=group.lead_leaders,
        owners=owners,
        progress=_progress(group, done_on),
        reported_on=done_on or (closing.on if closing else today),
    )


def kind_of(group: TaskGroup) -> TaskKind:
    """Return 整改类型: what the file says; without a word, from the due text."""
    if group.immediate:
        return TaskKind.IMMEDIATE
    said = {item.kind for item in group.items if item.kind is not None}
    if TaskKind.LONG_TERM in said or (group.long_term and group.due_on is None):
        return TaskKind.LONG_TERM
    return TaskKind.DATED


def _owners(group: TaskGroup) -> Iterator[tuple[str, str | None]]:
    """Give each 责任人 with the mobile of the same place in 联系电话, when the numbers agree."""
    mobiles: dict[str, str | None] = dict.fromkeys(group.owners)
    for item in group.items:
        phones = _phones(item)
        if len(phones) == len(item.owners):
            for name, phone in zip(item.owners, phones, strict=True):
                mobiles[name] = mobiles[name] or phone
    yield from mobiles.items()


def _phones(item: ItemRow) -> tuple[str, ...]:
    phones = split_list(item.text(Field.PHONE))
    return phones if all(len(phone) <= LONGEST_MOBILE for phone in phones) else ()


def _measure(line: MeasureLine, *, today: date) -> MeasureDraft:
    """A finished measure without a date of its own counts as done on the day of the import."""
    item = line.item
    done = item.done_on or item.closed_on or today
    return MeasureDraft(
        text=line.text, due_on=item.due.due_on, done_on=min(done, today) if line.done else None
    )


def _progress(group: TaskGroup, done_on: date | None) -> Progress | None:
    """Return the report the file holds; None when it says nothing about progress or results."""
    if all(says_nothing(group.text(wanted)) for wanted in REPORTED) and done_on is None:
        return None
    silent = CompletionClass.DONE if group.closed else CompletionClass.NOT_DONE
    return Progress(
        text=group.text(Field.PROGRESS),
        completion=group.completion or silent,
        unfinished_reason=group.text(Field.UNFINISHED),
        rules_made=group.institutions or 0,
        persons_held=group.accountability or 0,
        recovered_wan=group.recovered or Decimal(0),
        done_on=done_on,
    )


def _extra(group: TaskGroup, paired: dict[str, str]) -> str | None:
    """Return JSON of what the task has no column for: unknown columns, and words not understood."""
    kept: dict[str, str] = {}
    for item in group.items:
        for label, text in item.extra.items():
            said = kept.get(label)
            kept[label] = text if said in (None, text) else f"{said}\n{text}"
    for wanted in _unkept(group, paired):
        text = group.text(wanted)
        if not says_nothing(text):
            kept[BY_FIELD[wanted].title] = text
    return to_text(kept) if kept else None


def _unkept(group: TaskGroup, paired: dict[str, str]) -> Iterator[Field]:
    yield Field.EVIDENCE
    if not paired:
        yield Field.PHONE
    values = {
        Field.KIND: any(item.kind for item in group.items),
        Field.COMPLETION: group.completion,
        Field.DONE_ON: group.done_on,
        Field.INSTITUTIONS: group.institutions is not None,
        Field.ACCOUNTABILITY: group.accountability is not None,
        Field.RECOVERED: group.recovered is not None,
    }
    yield from (wanted for wanted, value in values.items() if not value)
    if group.closed_on is None and (group.closed or group.text(Field.CLOSED_ON)):
        yield Field.CLOSED_ON
    if len(group.lead_dept) > LONGEST[Field.LEAD_DEPT]:
        yield Field.LEAD_DEPT
    if len("、".join(group.support_depts)) > LONGEST[Field.SUPPORT_DEPTS]:
        yield Field.SUPPORT_DEPTS
