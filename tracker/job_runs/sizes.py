"""后台办理的设置: from which size work leaves the request, and how long its results are kept.

A request holds one of a server's few threads, and a person sees nothing while it lasts: what takes
more than some three seconds on a small machine goes to the background. The defaults are measured so
(docs/dev/background-work.md); what is out of bounds counts as not set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import GLOBAL, Setting, put_setting


@dataclass(frozen=True, kw_only=True)
class Size:
    """One number that can be set: its key, what it is called and why, default and bounds."""

    key: str
    label: str
    hint: str
    unit: str
    default: int
    least: int
    most: int


UPLOAD_KB = Size(
    key="background_upload_kb",
    label="台账文件从多大起在后台读取",
    hint="读取时间随文件大小增长；小文件当场预览。",
    unit="KB",
    default=150,
    least=1,
    most=51_200,
)
IMPORT_TASKS = Size(
    key="background_import_tasks",
    label="一次导入从多少项任务起在后台办理",
    hint="导入写入问题、任务、措施和审计留痕，是最慢的一步。",
    unit="项",
    default=500,
    least=1,
    most=20_000,
)
EXPORT_TASKS = Size(
    key="background_export_tasks",
    label="导出台账和清单从多少项任务起在后台生成",
    hint="时间随任务数增长；小的当场下载。",
    unit="项",
    default=2_000,
    least=1,
    most=1_000_000,
)
DOSSIER_MB = Size(
    key="background_dossier_mb",
    label="迎检包从多大起在后台生成",
    hint="按已上传文件的合计大小；每个文件打包前都要核对校验值。",
    unit="MB",
    default=100,
    least=1,
    most=100_000,
)
KEEP_DAYS = Size(
    key="background_keep_days",
    label="后台生成的文件保留几天",
    hint="到期由系统清理，办理记录保留。文件里是导出当时的内容，不宜久留。",
    unit="天",
    default=7,
    least=1,
    most=90,
)
SIZES = (UPLOAD_KB, IMPORT_TASKS, EXPORT_TASKS, DOSSIER_MB, KEEP_DAYS)


def size_of(session: Session, size: Size) -> int:
    """Return what is set, else the default."""
    query = select(Setting.value).where(Setting.scope == GLOBAL, Setting.key == size.key)
    return _within(size, session.scalar(query))


def sizes_of(session: Session) -> dict[str, int]:
    """Return all of them by key, in one statement."""
    keys = [size.key for size in SIZES]
    query = select(Setting.key, Setting.value).where(Setting.scope == GLOBAL, Setting.key.in_(keys))
    found = {row.key: row.value for row in session.execute(query)}
    return {size.key: _within(size, found.get(size.key)) for size in SIZES}


def keep_sizes(session: Session, told: Mapping[str, int], *, actor: Actor, now: datetime) -> None:
    """Set the numbers; what changed is audited. They stand within their bounds already."""
    before = sizes_of(session)
    changed = {key: value for key, value in told.items() if before[key] != value}
    for key, value in changed.items():
        put_setting(session, key, str(value), by=actor.label, now=now)
    if changed:
        record(session, "background_sizes_kept", actor=actor, now=now, detail=changed)


def _within(size: Size, value: str | None) -> int:
    number = int(value) if value and value.isascii() and value.isdigit() else 0
    return number if size.least <= number <= size.most else size.default
