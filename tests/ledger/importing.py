"""Short ways to import a ledger of the corpus, through preview and confirmation."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tests.ledgers.factory import HEADER, full_row, ledger
from tracker.files.storage import FileStorage
from tracker.kernel.permissions import Actor
from tracker.ledger.importing import end_of_concentrated_period, preview_import
from tracker.ledger.inspection import inspect_file
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch
from tracker.rounds.models import Round

FED_BACK = date(2026, 9, 1)


def template_ledger(*rows: dict[str, Any], merges: tuple[str, ...] = ()) -> bytes:
    """Return a ledger in our own columns; its first row of data is row 2 of the file."""
    return ledger([full_row(row) for row in rows], header=HEADER, merges=merges)


def mixed_ledger() -> bytes:
    """The usual file: running with two measures (2–3), closed (4), closed without a date (5),
    doubtful due (6), unknown unit (7), no issue (8), common over two units (9)."""
    running = {
        "被巡察单位": "市甲局", "问题编号": "3-01", "一级类别": "党的领导", "反馈问题": "理论学习不深入",
        "整改目标": "补齐短板", "整改措施": "制定学习计划", "责任领导": "张甲", "牵头部门": "办公室",
        "责任人": "李乙、王丙", "联系电话": "13900000001、13900000002", "整改时限": "2026年12月底前",
        "整改类型": "限期", "整改进展": "已制定计划", "完成情况": "取得阶段性成效", "建章立制": 1, "是否销号": "否",
    }  # fmt: skip
    closed = {
        "被巡察单位": "市甲局", "问题编号": "3-02", "反馈问题": "公务接待不规范", "整改措施": "清退费用",
        "整改时限": "2026-10-31", "完成时间": "2026-10-10", "是否销号": "是", "销号时间": "2026-10-20", "挽回损失": 1.5,
    }  # fmt: skip
    return template_ledger(
        running,
        {"整改措施": "开展专题研讨", "整改时限": "2026年12月底前", "是否销号": "否"},
        closed,
        {"被巡察单位": "市甲局党组", "问题编号": "3-03", "反馈问题": "台账缺失", "整改措施": "补建", "整改时限": "2026-10-31",
         "是否销号": "是"},
        {"被巡察单位": "B01", "问题编号": "1", "反馈问题": "制度空转", "整改措施": "修订", "整改时限": "尽快完成", "是否销号": "否"},
        {"被巡察单位": "市无此局", "反馈问题": "某问题", "整改措施": "某措施", "整改时限": "2026年12月底前"},
        {"被巡察单位": "市甲局", "整改措施": "没有问题的措施", "整改时限": "2026年12月底前"},
        {"被巡察单位": "市甲局、市乙局", "问题编号": "G1", "问题性质": "共性", "反馈问题": "会风不实", "整改措施": "改进会风",
         "整改时限": "长期坚持", "是否销号": "否"},
        merges=("D2:D3", "E2:E3", "I2:I3"),
    )  # fmt: skip


def preview(
    session: Session, content: bytes, round_id: int, folder: Path, *, actor: Actor, now: datetime
) -> ImportBatch:
    """Store and preview a ledger; the reading happens in this process."""
    tour = session.get_one(Round, round_id)
    reading = inspect_file(
        io.BytesIO(content),
        name="台账.xlsx",
        feedback_on=FED_BACK,
        concentrated_end=end_of_concentrated_period(session, tour, FED_BACK),
    )
    file = FileStorage(folder).store(io.BytesIO(content), "台账.xlsx", actor=actor, now=now)
    return preview_import(session, file, tour, reading, fed_back_on=FED_BACK, actor=actor, now=now)


def bring_in(
    session: Session, content: bytes, round_id: int, folder: Path, *, actor: Actor, now: datetime
) -> ImportBatch:
    """Preview and confirm."""
    batch = preview(session, content, round_id, folder, actor=actor, now=now)
    apply_import(session, batch, actor=actor, now=now)
    session.commit()
    return batch
