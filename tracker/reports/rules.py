"""Words of reports."""

from tracker.kernel.labels import LabelledEnum


class ReportKind(LabelledEnum):
    """What kind of report a run made."""

    WEEKLY = "weekly", "整改工作周报"


class ReportState(LabelledEnum):
    """Internal until the lead issues it."""

    INTERNAL = "internal", "内部稿"
    ISSUED = "issued", "已签发"
