"""What rectification brought: rules made, accountability and money, as units report; assessments."""

from tracker.kernel.permissions import Permission
from tracker.statistics.queries import results
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.queries.quality import Tallied
from tracker.statistics.readers import Counted
from tracker.statistics.registry.metric import Definition, G, Metric, U
from tracker.statistics.rules import CountingUnit

REPORTED = "已下发（未撤销、未终止）的任务，截至当日最近一次进展填报的累计数之和"
APART = "与巡察办登记的问责是两种记录，不相加。"


def _reported(
    code: str, name: str, wording: str, unit: CountingUnit, *, answer: str = "", places: int = 0
) -> Metric:
    return Metric(
        Definition(
            code=code,
            name=name,
            group=G.RESULTS,
            wording=wording,
            unit=unit,
            is_per_round=True,
            permission=Permission.FIGURE_READ,
        ),
        Counted(numerator=Tallied(answer or code), rows=RowKind.TASK, places=places),
    )


RESULTS = (
    _reported("rules_made", "建立完善制度", f"{REPORTED}，由单位填报。", U.TASK),
    _reported(
        "money_recovered",
        "挽回损失",
        f"{REPORTED}，由单位填报，按元精确相加，以万元表示。",
        U.WAN,
        answer="yuan_recovered",
        places=4,
    ),
    _reported("orgs_reported", "单位填报问责党组织", f"{REPORTED}；{APART}", U.OBJECT),
    _reported("persons_reported", "单位填报问责人次", f"{REPORTED}；{APART}", U.OCCASION),
    Metric(
        Definition(
            code="units_assessed",
            name="整改评估单位",
            group=G.RESULTS,
            wording="截至当日已确认整改评估的单位数，按最近一次评估当日的等次分列，同一单位只计一次。",
            unit=U.OBJECT,
            permission=Permission.ASSESSMENT_READ,
        ),
        Counted(numerator=results.units_assessed, rows=RowKind.UNIT, words=results.grade_words),
    ),
)
