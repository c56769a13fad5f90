"""Clues of our own rounds: counted, entered by counties, and both."""

from tracker.handover.rules import ClueMeasure
from tracker.statistics.queries import clues
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Composite, Counted, Counties
from tracker.statistics.registry.metric import CITY, Definition, G, Metric, U
from tracker.statistics.rules import CountingUnit, EnteredMetric


def _clue_family(
    measure: ClueMeasure, metric: EnteredMetric, name: str, unit: CountingUnit
) -> tuple[Metric, ...]:
    """Return a clue figure three times: counted, the counties' entries, and both as a sum."""
    own = Counted(numerator=clues.own_clues(measure), rows=RowKind.CLUE_COUNT)
    others = Counties(metric)
    return (
        Metric(
            Definition(
                code=metric.value,
                name=name,
                group=G.CLUES,
                wording=f"本级巡察产生、发生日不晚于数据截至日的“{measure.label}”之和；移交、接收的线索不计入。",
                unit=unit,
                is_per_round=True,
                spans_by="发生日",
            ),
            own,
        ),
        Metric(
            Definition(
                code=f"county_{metric.value}",
                name=f"县级{name}",
                group=G.CLUES,
                wording="各县（市、区）最近一期填报数之和，不由本系统记录统计；未报的县区不计入。",
                unit=unit,
                levels=CITY,
            ),
            others,
        ),
        Metric(
            Definition(
                code=f"all_{metric.value}",
                name=f"市县{name}",
                group=G.CLUES,
                wording="本级统计数与县区填报数之和，两部分分别列出。",
                unit=unit,
                levels=CITY,
            ),
            Composite(own, others),
        ),
    )


CLUES = (
    *_clue_family(ClueMeasure.FOUND, EnteredMetric.CLUES_FOUND, "巡察发现问题线索", U.PIECE),
    *_clue_family(ClueMeasure.CASES, EnteredMetric.CASES_FILED, "巡察线索立案", U.PIECE),
    *_clue_family(
        ClueMeasure.PERSONS_PUNISHED,
        EnteredMetric.PERSONS_PUNISHED,
        "巡察线索给予党纪政务处分",
        U.PERSON,
    ),
    Metric(
        Definition(
            code="persons_filed",
            name="巡察线索立案人数",
            group=G.CLUES,
            wording="本级巡察产生、立案日不晚于数据截至日的立案人数之和；与立案件数分开统计。",
            unit=U.PERSON,
            is_per_round=True,
            spans_by="立案日",
        ),
        Counted(numerator=clues.own_clues(ClueMeasure.PERSONS_FILED), rows=RowKind.CLUE_COUNT),
    ),
    Metric(
        Definition(
            code="clues_settled",
            name="巡察移交问题线索办结",
            group=G.CLUES,
            wording="本级巡察移出的问题线索中，办结日不晚于数据截至日的件数之和；与接收后办结的分开统计。",
            unit=U.PIECE,
            is_per_round=True,
            spans_by="办结日",
        ),
        Counted(numerator=clues.own_clues(ClueMeasure.SETTLED), rows=RowKind.CLUE_COUNT),
    ),
    Metric(
        Definition(
            code="clues_transferred",
            name="巡察移交问题线索",
            group=G.CLUES,
            wording="本级巡察移出、移出日不晚于数据截至日的问题线索之和；与发现数、接收数分开统计。",
            unit=U.PIECE,
            is_per_round=True,
            spans_by="移出日",
        ),
        Counted(numerator=clues.own_clues(ClueMeasure.TRANSFERRED), rows=RowKind.CLUE_COUNT),
    ),
)
