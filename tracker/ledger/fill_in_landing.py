"""交回填报表: kept when it came back, written as the month's report when it is confirmed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.ledger.copies import find_copy
from tracker.ledger.fill_in_comparing import Line, lines_of
from tracker.ledger.fill_in_evidence import Handed, hand_in, task_of, tasks_of
from tracker.ledger.fill_in_fields import FORMAT, progress_of
from tracker.ledger.fill_in_reading import ReturnedRow, pack_rows
from tracker.ledger.models import FillInFile, FillInReturn, LedgerCopy
from tracker.ledger.row_keys import read_key
from tracker.ledger.rules import BatchState, CopyKind
from tracker.organizations.models import Unit
from tracker.rectification import monthly_queries
from tracker.rectification.models import MonthlyReport
from tracker.rectification.rules.monthly import month_of
from tracker.rectification.service import monthly

UNKNOWN = "这份填报表不是从本系统下载的，或行标识被改动了。请重新下载填报表后填写。"
NOT_FILL_IN = "这是整改台账，不是填报表。请在“台账导入”中交回。"
FOREIGN = "这份填报表不是您可以填报的单位的，没有读取。请核对文件。"
OLD_FORMAT = (
    "这份填报表是另一个版本的格式，不能读取。请重新下载填报表，把填写的内容复制过去后再交回。"
)
DONE_ALREADY = "这个文件已于 {day} 办理过，没有再次写入。要继续填报，请下载新的填报表。"


def keep_return(
    session: Session,
    file: StoredFile,
    rows: Sequence[ReturnedRow],
    files: Sequence[FillInFile] = (),
    *,
    actor: Actor,
    now: datetime,
) -> FillInReturn:
    """Keep a workbook that came back, for the preview; nothing is reported yet.

    DomainError when it is not one of ours, or not of a unit this person may write for.
    """
    copy, unit = _origin(session, rows, actor=actor)
    if not files:
        _refuse_done(session, unit, file)
    found = FillInReturn(
        unit=unit,
        region_id=None if actor.unit_id is not None else actor.region_id,
        copy=copy,
        file=file,
        state=BatchState.PREVIEW,
        month=month_of(local_date(copy.taken_at)),
        cells=pack_rows(rows),
        files=list(files),
        **born(actor=actor, now=now),
    )
    session.add(found)
    session.flush()  # the audit entry names the id
    tasks = tasks_of(session, found, actor=actor) if files else []
    for each in files:
        task = task_of(each.path, tasks) if each.fault is None else None
        each.task_id = task.id if task else None
    _record(session, "fill_in_returned", found, actor=actor, now=now, rows=len(rows))
    return found


def _origin(
    session: Session, rows: Sequence[ReturnedRow], *, actor: Actor
) -> tuple[LedgerCopy, Unit]:
    """Return the copy a workbook is of, and the unit it is for."""
    stamps = [stamp for row in rows if (stamp := row.stamp) is not None]
    if any(stamp.form != str(FORMAT) for stamp in stamps):
        raise DomainError(OLD_FORMAT)
    keyed = [key.token for row in rows if (key := read_key(row.key)) is not None]
    tokens = Counter([stamp.token for stamp in stamps] or keyed)
    copy = find_copy(session, tokens.most_common(1)[0][0]) if tokens else None
    if copy is None:
        raise DomainError(UNKNOWN)
    if copy.kind is not CopyKind.FILL_IN or copy.unit_id is None:
        raise DomainError(NOT_FILL_IN)
    try:
        return copy, monthly_queries.unit_to_fill(session, copy.unit_id, actor=actor)
    except NotVisibleError:
        raise DomainError(FOREIGN) from None


def _refuse_done(session: Session, unit: Unit, file: StoredFile) -> None:
    query = (
        select(FillInReturn.applied_at)
        .join(FillInReturn.file)
        .where(
            FillInReturn.unit_id == unit.id,
            FillInReturn.state == BatchState.APPLIED,
            StoredFile.sha256 == file.sha256,
        )
    )
    done = session.scalars(query.limit(1)).first()
    if done is not None:
        raise DomainError(DONE_ALREADY.format(day=local_date(done)))


def apply_return(
    session: Session,
    found: FillInReturn,
    choices: Mapping[int, bool],
    handed: Handed | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> list[MonthlyReport]:
    """Report what the preview showed, all or nothing, as the page 本月填报 would have.

    `choices`: by task id, whether the workbook's words stand where both were filled in.
    RowsRefusedError names what the month's report would not take.
    """
    _claim(session, found, BatchState.APPLIED)
    lines = [line for line in lines_of(session, found, actor=actor) if not line.faults]
    undecided = [line for line in lines if line.conflicts and _id(line) not in choices]
    if undecided:
        raise DomainError(f"有 {len(undecided)} 项两边都填了，请逐项选择采用哪一份，再确认。")
    rows = [row for line in lines if (row := _filled(line, choices)) is not None]
    count = hand_in(session, found, handed, actor=actor, now=now) if handed else 0
    if not rows and not count:
        raise DomainError("没有需要写入的内容：这份填报表没有填写，或内容都已经在系统里了。")
    reports = monthly.report_month(session, rows, actor=actor, now=now) if rows else []
    found.state, found.applied_at, found.tasks_written = BatchState.APPLIED, now, len(rows)
    touch(found, actor=actor, now=now)
    _record(session, "fill_in_applied", found, actor=actor, now=now, rows=len(rows), files=count)
    return reports


def _id(line: Line) -> int:
    return line.task.id if line.task else 0


def _filled(line: Line, choices: Mapping[int, bool]) -> monthly.FilledRow | None:
    theirs = choices.get(_id(line), True)
    if line.task is None or not line.says_something(theirs=theirs):
        return None
    ids = {measure.seq: measure.id for measure in line.task.measures}
    progress = progress_of(line.merged(theirs=theirs), ids)
    return monthly.FilledRow(task=line.task, seen=line.task.version, progress=progress)


def cancel_return(session: Session, found: FillInReturn, *, actor: Actor, now: datetime) -> None:
    """放弃 what came back; the file stays as a record."""
    _claim(session, found, BatchState.CANCELLED)
    found.state = BatchState.CANCELLED
    touch(found, actor=actor, now=now)
    _record(session, "fill_in_cancelled", found, actor=actor, now=now)


def ensure_open(found: FillInReturn) -> None:
    """Refuse what was confirmed or given up before."""
    if found.state is not BatchState.PREVIEW:
        raise DomainError(f"这份填报表{found.state.label}，不能再办理。")


def _claim(session: Session, found: FillInReturn, target: BatchState) -> None:
    """Of two people who press at once one goes on, the other is told."""
    ensure_open(found)
    waiting = (FillInReturn.id == found.id, FillInReturn.state == BatchState.PREVIEW)
    claimed = session.execute(
        update(FillInReturn)
        .where(*waiting)
        .values(state=target)
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise DomainError("这份填报表刚被别人办理过。请刷新页面，查看最新情况。")


def _record(
    session: Session,
    action: str,
    found: FillInReturn,
    *,
    actor: Actor,
    now: datetime,
    **detail: object,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="fill_in_return",
        object_id=found.id,
        detail={"month": found.month.strftime("%Y-%m"), "sha256": found.file.sha256, **detail},
    )
