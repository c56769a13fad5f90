"""The registry of figures: each metric once, with its 口径. A new figure is one entry here."""

from tracker.kernel.errors import NotVisibleError
from tracker.statistics.registry.above import ABOVE
from tracker.statistics.registry.clues import CLUES
from tracker.statistics.registry.coverage import COVERAGE
from tracker.statistics.registry.letters import LETTERS
from tracker.statistics.registry.metric import Metric
from tracker.statistics.registry.progress import PROGRESS
from tracker.statistics.registry.quality import QUALITY
from tracker.statistics.registry.rectification import RECTIFICATION, YEARS
from tracker.statistics.registry.results import RESULTS

METRICS: dict[str, Metric] = {
    metric.definition.code: metric
    for metric in (
        *PROGRESS,
        *COVERAGE,
        *CLUES,
        *ABOVE,
        *RECTIFICATION,
        *QUALITY,
        *RESULTS,
        *LETTERS,
        *YEARS,
    )
}


def metric_named(code: str) -> Metric:
    """Return a metric; an unknown code is answered like a page that does not exist."""
    if code not in METRICS:
        raise NotVisibleError
    return METRICS[code]
