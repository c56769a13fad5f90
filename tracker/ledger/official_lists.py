"""The official ledger: 问题清单、任务清单、责任清单、成效清单、档案清单 as sheets of one workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.kernel.clock import local, local_date
from tracker.kernel.permissions import Actor
from tracker.kernel.progress import Progress, unwatched
from tracker.ledger.list_rows import (
    archive_rows,
    duty_rows,
    issue_rows,
    result_rows,
    task_rows,
    task_spans,
)
from tracker.ledger.list_words import TONES
from tracker.ledger.listing import Listing, listing_of_round, listing_of_tasks
from tracker.rectification.queries import DUE_SOON_DAYS, TaskFilter
from tracker.rectification.task_filter import filter_words
from tracker.rounds.models import Round
from tracker.spreadsheets.writer import Column, ColumnKind, OutValue, RowSpan, Table, write_workbook

SERIAL = Column("序号", 6, ColumnKind.INTEGER)
UNIT = Column("单位", 16)
TASK_NO = Column("任务编号", 16)
ISSUE = Column("反馈问题", 34)
STATE = Column("状态", 11, tones=TONES)
ISSUES = (
    SERIAL, UNIT, Column("问题编号", 11), Column("类别", 16), Column("性质", 7), Column("反馈问题", 38),
    Column("具体表现", 32), Column("来源", 12), Column("反馈日期", 12, ColumnKind.DATE),
    Column("整改状态", 12, tones=TONES), Column("任务数", 7, ColumnKind.INTEGER),
    Column("已销号任务数", 8, ColumnKind.INTEGER),
)  # fmt: skip
TASKS = (
    SERIAL, UNIT, Column("问题编号", 11), Column("反馈问题", 30), TASK_NO, Column("整改目标", 20),
    Column("整改措施", 34), Column("措施时限", 12, ColumnKind.DATE), Column("整改类型", 10),
    Column("原定时限", 12, ColumnKind.DATE), Column("整改时限", 14, ColumnKind.DATE), STATE,
    Column("逾期天数", 7, ColumnKind.INTEGER),
)  # fmt: skip
DUTIES = (
    SERIAL, UNIT, TASK_NO, ISSUE, Column("责任领导", 14), Column("牵头部门", 16), Column("配合部门", 18),
    Column("责任人", 14), Column("联系电话", 14), Column("协同单位", 18), STATE,
)  # fmt: skip
RESULTS = (
    SERIAL, UNIT, TASK_NO, Column("反馈问题", 28), Column("整改进展", 36), Column("完成情况", 12),
    Column("完成时间", 12, ColumnKind.DATE), Column("建章立制(项)", 8, ColumnKind.INTEGER),
    Column("问责党组织(个)", 8, ColumnKind.INTEGER), Column("追责问责(人次)", 8, ColumnKind.INTEGER),
    Column("挽回损失(万元)", 9, ColumnKind.NUMBER), Column("销号情况", 14, tones=TONES),
    Column("销号时间", 12, ColumnKind.DATE),
)  # fmt: skip
ARCHIVE = (
    SERIAL, UNIT, TASK_NO, Column("材料名称", 34), Column("文件日期", 12, ColumnKind.DATE),
    Column("文件名", 30), Column("大小(字节)", 12, ColumnKind.INTEGER), Column("SHA-256", 36),
)  # fmt: skip


def lists_name(tour: Round | None, *, today: date) -> str:
    """Return what the file is called."""
    return f"{tour.name if tour else '整改任务'}清单{today.isoformat()}.xlsx"


def lists_of_round(
    session: Session, tour: Round, *, actor: Actor, now: datetime, tell: Progress = unwatched
) -> bytes:
    """Return the .xlsx of what this person may see of a round, voided tasks left out."""
    today = local_date(now)
    listing = listing_of_round(session, tour, actor=actor, today=today)
    return _workbook(listing, tour.name, "", is_simple=actor.simple_mode, now=now, tell=tell)


def lists_of_tasks(
    session: Session,
    wanted: TaskFilter,
    *,
    actor: Actor,
    now: datetime,
    tour: Round | None = None,
    tell: Progress = unwatched,
) -> bytes:
    """Return the .xlsx of exactly the tasks that the list on screen shows for a filter."""
    listing = listing_of_tasks(session, wanted, actor=actor, today=local_date(now))
    units = {task.lead_unit.name for task in listing.tasks} if wanted.unit_id else set()
    words = "、".join([*sorted(units), *filter_words(wanted)])
    name = tour.name if tour else ""
    return _workbook(listing, name, words, is_simple=actor.simple_mode, now=now, tell=tell)


def _workbook(
    listing: Listing, name: str, words: str, *, is_simple: bool, now: datetime, tell: Progress
) -> bytes:
    day = local_date(now)
    issues = f"共 {len(listing.issues)} 个问题"
    counted = f"共 {len(listing.tasks)} 项任务"
    tasks = f"{counted}。临期指 {DUE_SOON_DAYS} 天内到期"
    duties = duty_rows(listing, as_of=day, is_simple=is_simple)
    planned = task_rows(listing, as_of=day, is_simple=is_simple)
    spans = tuple(task_spans(listing))
    tables = [
        _table("问题清单", ISSUES, issue_rows(listing), issues),
        _table("任务清单", TASKS, planned, tasks, spans),
        _table("责任清单", DUTIES, duties, tasks),
        _table("成效清单", RESULTS, result_rows(listing), counted),
        _table("档案清单", ARCHIVE, archive_rows(listing), "只列有效的佐证材料"),
    ]
    note = f"按筛选条件：{words}。" if words else ""
    headed = [_headed(table, name, note, day) for table in tables]
    return write_workbook(_told(headed, tell), created_at=local(now))


def _told(tables: Sequence[Table], tell: Progress) -> list[Table]:
    """Let each sheet tell that it is being written, at every row, so that it can be stopped there."""

    def rows(place: int, table: Table) -> Iterator[Sequence[OutValue]]:
        for row in table.rows:
            tell(f"写入{table.sheet_name}", place, len(tables))
            yield row

    return [replace(table, rows=rows(place, table)) for place, table in enumerate(tables)]


def _table(
    title: str,
    columns: tuple[Column, ...],
    rows: Iterator[Sequence[OutValue]],
    count: str,
    spans: tuple[RowSpan, ...] = (),
) -> Table:
    """Return a sheet; `count` is said in the note above its header."""
    return Table(
        title,
        columns,
        rows,
        notes=(count,),
        spans=spans,
        frozen_columns=3,
        autofilter=not spans,
    )


def _headed(table: Table, name: str, note: str, day: date) -> Table:
    """Add title, note and foot."""
    as_of = f"数据截至 {day.isoformat()}"
    told = f"{as_of}，{table.notes[0]}。{note}"
    return replace(table, title=f"{name}{table.sheet_name}", notes=(told,), footer=as_of)
