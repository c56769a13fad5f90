"""Rounds and inspected units."""

from tracker.organizations.rules import UnitCategory
from tracker.statistics.filters import OF_TOURS, Filter
from tracker.statistics.queries import progress
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted
from tracker.statistics.registry.metric import Definition, G, Metric, U

PROGRESS = (
    Metric(
        Definition(
            code="rounds_done",
            name="已开展巡察轮次",
            group=G.PROGRESS,
            wording="本届由本级组织、至少一个对象已结束进驻的轮次；上级巡视巡察不计入。",
            unit=U.ROUND,
        ),
        Counted(numerator=progress.rounds_done, rows=RowKind.ROUND),
    ),
    Metric(
        Definition(
            code="batches_done",
            name="已开展巡察批次",
            group=G.PROGRESS,
            wording="本届由本级组织、至少一个对象已结束进驻的批次。",
            unit=U.BATCH,
            is_per_round=True,
        ),
        Counted(numerator=progress.batches_done, rows=RowKind.BATCH),
    ),
    Metric(
        Definition(
            code="units_inspected",
            name="已巡察对象",
            group=G.PROGRESS,
            wording="由本级巡察、已结束进驻的单位数；同一单位在一届内只计一次，“回头看”不重复计。",
            unit=U.OBJECT,
            is_per_round=True,
            takes=OF_TOURS | {Filter.CATEGORY},
            spans_by="结束进驻日",
        ),
        Counted(numerator=progress.units_inspected, rows=RowKind.UNIT, labels=UnitCategory),
    ),
)
