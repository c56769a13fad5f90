"""States of a job's run, and of work that people asked for (后台办理)."""

from datetime import timedelta

from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Permission

MAX_ATTEMPTS = 3
BEAT_SECONDS = 2.0
DEAD_AFTER = timedelta(seconds=60)  # thirty beats: a machine may be slow, a dead one is slower
LONG_WAIT = timedelta(minutes=3)  # nothing is ahead and nobody begins: no jobs process runs
MOST_WAITING = 10  # of one person; a button pressed again and again fills no queue


class RunState(LabelledEnum):
    """How a run stands."""

    REQUESTED = "requested", "待运行"
    RUNNING = "running", "运行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"


class WorkKind(LabelledEnum):
    """What people may ask to be done in the background."""

    LEDGER_READ = "ledger_read", "读取台账"
    LEDGER_APPLY = "ledger_apply", "导入台账"
    LEDGER_EXPORT = "ledger_export", "导出台账"
    LISTS_EXPORT = "lists_export", "导出清单"
    DOSSIER = "dossier", "生成迎检包"


PERMISSION_OF: dict[WorkKind, Permission] = {
    WorkKind.LEDGER_READ: Permission.LEDGER_IMPORT,
    WorkKind.LEDGER_APPLY: Permission.LEDGER_IMPORT,
    WorkKind.LEDGER_EXPORT: Permission.LEDGER_EXPORT,
    WorkKind.LISTS_EXPORT: Permission.LEDGER_EXPORT,
    WorkKind.DOSSIER: Permission.LEDGER_EXPORT,
}


class WorkState(LabelledEnum):
    """How a piece of work stands."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


OPEN = (WorkState.QUEUED, WorkState.RUNNING)
GAVE_UP = f"办理中断了 {MAX_ATTEMPTS} 次，已停止，没有改动任何数据。请稍后重新提交；再次出现时请告诉管理员。"
BROKE = (
    "办理时出了错，已停止，没有改动任何数据。请稍后重新提交；再次出现时请把这一页的编号告诉管理员。"
)
NOT_ALLOWED = "您的账号已停用、角色或所属单位已变动，不能继续办理，没有改动任何数据。如有需要，请重新提交或联系管理员。"


def standing_of(actor: Actor) -> str:
    """Return as what somebody asks: role, region, unit, organisation. Once it has changed, what was
    asked for before is neither done nor handed out: it could hold what is no longer theirs to see."""
    role = actor.role.value if actor.role else "none"
    places = (actor.region_id, actor.unit_id, actor.supervisor_org_id)
    return ":".join([role, *(str(place or "") for place in places)])
