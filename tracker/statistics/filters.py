"""What figures may be narrowed to. Pure. A member's value is its name in an address."""

from collections.abc import Collection

from tracker.kernel.labels import LabelledEnum


class Filter(LabelledEnum):
    """One way to narrow a figure; which a metric takes is declared with it."""

    TERM = "term", "届次"
    ROUND = "round", "轮次"
    ROUND_KIND = "round_kind", "巡察类型"
    THEME = "theme", "专项主题"
    SOURCE = "source", "反馈来源"
    UNIT = "unit", "单位"
    TAG = "tag", "问题标签"
    CATEGORY = "kind", "单位类别"
    LEVEL = "level", "单位所在级别"
    PLACE = "place", "单位所在地区"
    SINCE = "since", "起始日"


F = Filter
OF_TOURS = frozenset({F.TERM, F.ROUND_KIND, F.THEME, F.UNIT})
"""What rows of rounds and inspections can be narrowed to."""
OF_ISSUES = OF_TOURS | {F.SOURCE, F.TAG}
"""What issues of our rounds, and their tasks, can be narrowed to."""
FROM_ABOVE = frozenset({F.SOURCE, F.UNIT, F.TAG})
"""What tasks of feedback that is not of our rounds can be narrowed to."""
OF_DATED_RECORDS = frozenset({F.TERM, F.UNIT})
"""What letters, talks and the like can be narrowed to: they belong to no round."""
OF_COVERAGE = frozenset({F.TERM, F.UNIT, F.CATEGORY, F.LEVEL, F.PLACE})


def why_undivided(refused: Collection[Filter]) -> str:
    """Say why a figure has no number under filters it does not take."""
    names = [one.label for one in Filter if one in refused and one is not F.SINCE]
    said = []
    if names:
        said.append(f"不按{'、'.join(names)}分列")
    if F.SINCE in refused:
        said.append("不按起始日统计")
    return f"这项数字{'，也'.join(said)}。"
