"""The trail as a file: what is on the page, no more; texts as masked there."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.audit import queries
from tracker.audit.labels import action_label, result_label
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import local

MOST_ROWS = 50_000
TITLES = (
    "编号",
    "时间",
    "人员",
    "角色",
    "单位",
    "地址",
    "操作",
    "对象",
    "结果",
    "理由",
    "说明",
    "变动",
    "校验值",
)


def export_rows(entries: Sequence[AuditEntry], places: dict[int, str]) -> Iterator[list[str]]:
    """Yield one row of texts per entry; `places` are unit names by id."""
    for entry in entries:
        yield [
            str(entry.seq),
            local(entry.at).strftime("%Y-%m-%d %H:%M:%S%z"),
            entry.actor,
            queries.role_label(entry),
            places.get(entry.unit_id or 0, ""),
            entry.address or "",
            action_label(entry.action),
            queries.object_label(entry),
            result_label(entry.result),
            entry.reason or "",
            "；".join(f"{key}：{value}" for key, value in queries.detail_pairs(entry)),
            _changes(entry),
            entry.chain,
        ]


def _changes(entry: AuditEntry) -> str:
    lines = [
        f"{line.verb} {line.what}"
        + "".join(f"；{name}：{before} → {after}" for name, before, after in line.fields)
        for line in queries.change_lines(entry)
    ]
    return "\n".join(lines)


def as_csv(rows: Iterator[list[str]]) -> bytes:
    """Return the rows as CSV that Excel opens as UTF-8."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(TITLES)
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")


def file_name(now: datetime, kind: str) -> str:
    """Return 审计记录2026-11-16.csv."""
    return f"审计记录{local(now).date().isoformat()}.{kind}"
