"""What stands in the way of taking an import back: all that was built on what it made."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, Table, and_, func, select, true
from sqlalchemy.orm import Session

from tracker.drafts.models import Draft
from tracker.kernel.db import Base
from tracker.ledger.built_on import (
    COUNTED,
    DATED,
    DRAFT,
    DRAFTS,
    EDITED,
    GONE,
    MADE,
    NAMINGS,
    POINTERS,
    SHARED,
    Standing,
)
from tracker.ledger.models import ImportBatch, ImportTrace
from tracker.organizations.models import Region

TOLD = 50  # rows of one kind
UNNAMED = "其他记录"
# How a row is called: ways along foreign keys to the columns that name it, after a word.
CALLED: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "tasks": ("任务", (("task_no",),)),
    **dict.fromkeys(
        ("measures", "progress_reports", "task_duties", "task_transitions", "due_changes"),
        ("任务", (("task_id", "task_no"),)),
    ),
    "issues": ("问题", (("feedback_id", "code"), ("issue_no",))),
    "issue_units": ("问题", (("issue_id", "feedback_id", "code"), ("issue_id", "issue_no"))),
    "feedbacks": ("反馈", (("code",),)),
    "feedback_recipients": ("反馈", (("feedback_id", "code"),)),
    "inspections": ("巡察对象", (("unit_id", "name"),)),
    "milestones": ("巡察对象", (("inspection_id", "unit_id", "name"),)),
}


def what_stands(session: Session, batch: ImportBatch) -> list[Standing]:
    """Return what keeps an import from being taken back, sorted; nothing means that it may go."""
    return sorted(
        {
            *_pointing(session, batch),
            *_naming(session, batch),
            *_typed(session, batch),
            *_edited(session, batch),
            *_gone(session, batch),
            *_dated(session, batch),
            *_counted(session, batch),
        }
    )


def table_named(name: str) -> Table:
    """Return a table of the product, of whichever room."""
    return Base.metadata.tables[name]


def made_by(batch: ImportBatch, table: str) -> Select[Any]:
    """Return the ids of what an import made in a table, as a query."""
    return select(ImportTrace.row_id).where(
        ImportTrace.batch_id == batch.id,
        ImportTrace.table_name == table,
        ImportTrace.before.is_(None),
    )


def pointers_to(table: str) -> Iterator[Column[Any]]:
    """Give every column of any room that points at a table."""
    for other in Base.metadata.sorted_tables:
        for key in sorted(other.foreign_keys, key=lambda each: each.parent.name):
            if key.column.table.name == table:
                yield key.parent


def of_others(batch: ImportBatch, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row is none of an import's own."""
    if table.name in ("import_changes", "import_rows"):
        return table.c.batch_id != batch.id
    if table.name in MADE or table.name in SHARED:
        return table.c.id.not_in(made_by(batch, table.name))
    return true()


def _pointing(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    for table in MADE:
        for column in pointers_to(table):
            word = POINTERS.get(f"{column.table.name}.{column.name}", UNNAMED)
            yield from _found(
                session,
                table,
                column,
                [column.in_(made_by(batch, table)), of_others(batch, column.table)],
                word,
            )


def _naming(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    for name, naming in NAMINGS.items():
        there = table_named(name)
        for kind, table in naming.tables.items():
            is_meant = [there.c[naming.kind] == kind, there.c.object_id.in_(made_by(batch, table))]
            yield from _found(session, table, there.c.object_id, is_meant, naming.word)


def _found(
    session: Session,
    table: str,
    column: Column[Any],
    conditions: Iterable[ColumnElement[bool]],
    word: str,
) -> Iterator[Standing]:
    query = select(column, func.count()).where(*conditions).group_by(column).order_by(column)
    numbers = {row[0]: row[1] for row in session.execute(query.limit(TOLD))}
    yield from _told(session, table, numbers, word)


def _told(
    session: Session, table: str, numbers: Mapping[int, int], word: str
) -> Iterator[Standing]:
    names = _names(session, table, numbers)
    for row_id, number in numbers.items():
        yield Standing(names.get(row_id, UNNAMED), word, number)


def _names(session: Session, table: str, ids: Iterable[int]) -> dict[int, str]:
    """Return what rows of a table are called."""
    wanted = list(ids)
    if not wanted or table not in CALLED:
        return {}
    word, ways = CALLED[table]
    start = table_named(table)
    joins: dict[str, tuple[Table, ColumnElement[bool]]] = {}
    columns = [_followed(start, way, joins) for way in ways]
    source: FromClause = start
    for there, condition in joins.values():
        source = source.join(there, condition)
    query = select(start.c.id, *columns).select_from(source).where(start.c.id.in_(wanted))
    return {row[0]: " ".join([word, *row[1:]]) for row in session.execute(query)}


def _followed(
    start: Table, way: tuple[str, ...], joins: dict[str, tuple[Table, ColumnElement[bool]]]
) -> Column[Any]:
    """Return the column at the end of a way, noting which tables it leads through."""
    here = start
    for step in way[:-1]:
        (key,) = here.c[step].foreign_keys
        there = key.column.table
        joins.setdefault(there.name, (there, there.c.id == here.c[step]))
        here = there
    return here.c[way[-1]]


def _typed(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    """Give rows about which somebody has typed something that is not sent yet."""
    for word, table in DRAFTS.items():
        keys = session.scalars(select(Draft.form_key).where(Draft.form_key.like(f"/{word}/%")))
        found = [re.match(rf"/{word}/(\d+)(?:[/?]|$)", key) for key in keys]
        ids = {int(match[1]) for match in found if match}
        if ids:
            made = made_by(batch, table).where(ImportTrace.row_id.in_(ids))
            yield from _told(session, table, dict.fromkeys(session.scalars(made), 1), DRAFT)


def _edited(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    """Give rows that are no longer as the import left them; every change counts a version up."""
    for name in _traced_tables(session, batch):
        table = table_named(name)
        if name in SHARED or "version" not in table.c:
            continue
        query = select(table.c.id).join(ImportTrace, ImportTrace.row_id == table.c.id)
        changed = query.where(
            ImportTrace.batch_id == batch.id,
            ImportTrace.table_name == name,
            ImportTrace.seen_version != table.c.version,
        ).order_by(table.c.id)
        ids = dict.fromkeys(session.scalars(changed.limit(TOLD)), 1)
        yield from _told(session, name, ids, EDITED)


def _gone(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    for name in _traced_tables(session, batch):
        if name not in SHARED:
            table = table_named(name)
            lost = select(func.count(ImportTrace.id)).where(
                ImportTrace.batch_id == batch.id,
                ImportTrace.table_name == name,
                ImportTrace.row_id.not_in(select(table.c.id)),
            )
            if number := session.scalar(lost):
                yield Standing(MADE.get(name, UNNAMED), GONE, number)


def _traced_tables(session: Session, batch: ImportBatch) -> list[str]:
    query = select(ImportTrace.table_name).where(ImportTrace.batch_id == batch.id).distinct()
    return sorted(session.scalars(query))


def _dated(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    """Give feedbacks that the import dated, and whose date others have used since."""
    tasks, documents = table_named("tasks"), table_named("unit_documents")
    recipients = table_named("feedback_recipients")
    dated = select(ImportTrace.row_id).where(
        ImportTrace.batch_id == batch.id,
        ImportTrace.table_name == "feedbacks",
        ImportTrace.before.is_not(None),
    )
    is_used = [
        (tasks, and_(tasks.c.state != "draft", tasks.c.kind != "immediate")),
        (documents, documents.c.created_at >= batch.applied_at),
        (recipients, recipients.c.acknowledged_on.is_not(None)),
    ]
    for table, condition in is_used:
        column = table.c.feedback_id
        conditions = [column.in_(dated), of_others(batch, table), condition]
        yield from _found(session, "feedbacks", column, conditions, DATED)


def _counted(session: Session, batch: ImportBatch) -> Iterator[Standing]:
    """Give figures kept or given away since, of the office or of those that add its figures up."""
    for table, query in _figures_since(batch, _regions(session, batch)).items():
        for name in session.scalars(query.limit(TOLD)):
            yield Standing(str(name), COUNTED[table])


def _figures_since(batch: ImportBatch, regions: list[int]) -> dict[str, Select[Any]]:
    since = batch.applied_at
    dispatches, snapshots = table_named("dispatches"), table_named("snapshots")
    reports = table_named("report_runs")
    return {
        "report_runs": select(reports.c.title).where(
            reports.c.round_id == batch.round_id, reports.c.created_at >= since
        ),
        "snapshots": select(snapshots.c.as_of)
        .where(snapshots.c.region_id.in_(regions), snapshots.c.taken_at >= since)
        .distinct(),
        "dispatches": select(dispatches.c.subject).where(
            dispatches.c.region_id.in_(regions),
            dispatches.c.created_at >= since,
            dispatches.c.as_of.is_not(None),
            dispatches.c.voided_on.is_(None),
        ),
        "county_submissions": _answers_since(batch, regions),
    }


def _answers_since(batch: ImportBatch, regions: list[int]) -> Select[Any]:
    calls, answers = table_named("submission_calls"), table_named("county_submissions")
    events = table_named("submission_events")
    given = select(events.c.submission_id).where(events.c.recorded_at >= batch.applied_at)
    return (
        select(calls.c.title)
        .join(answers, answers.c.call_id == calls.c.id)
        .where(answers.c.region_id.in_(regions), answers.c.id.in_(given))
    )


def _regions(session: Session, batch: ImportBatch) -> list[int]:
    """Return the office's region and those above it, whose figures hold its own."""
    found: list[int] = []
    region = session.get(Region, batch.region_id)
    while region is not None:
        found.append(region.id)
        region = region.parent
    return found
