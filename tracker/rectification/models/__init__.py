"""Tables of the heart: tasks and their history, units' documents, daily work."""

from tracker.rectification.models.documents import (
    DocumentEvent,
    DocumentSignature,
    PlanRemark,
    UnitDocument,
)
from tracker.rectification.models.history import (
    DueChange,
    Extension,
    LongTermRequest,
    LongTermReview,
    TaskOpening,
    TaskTransition,
)
from tracker.rectification.models.monthly import MonthlyReport, MonthlyReportLine
from tracker.rectification.models.oversight import ClosureCertificate, TaskComment, WatchChange
from tracker.rectification.models.tasks import Measure, Task, TaskDuty, TaskUnit
from tracker.rectification.models.work import Evidence, ProgressReport, Review, SignOff

__all__ = [
    "ClosureCertificate",
    "DocumentEvent",
    "DocumentSignature",
    "DueChange",
    "Evidence",
    "Extension",
    "LongTermRequest",
    "LongTermReview",
    "Measure",
    "MonthlyReport",
    "MonthlyReportLine",
    "PlanRemark",
    "ProgressReport",
    "Review",
    "SignOff",
    "Task",
    "TaskComment",
    "TaskDuty",
    "TaskOpening",
    "TaskTransition",
    "TaskUnit",
    "UnitDocument",
    "WatchChange",
]
