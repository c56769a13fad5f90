"""Tables of the heart: tasks and their history, units' documents, daily work."""

from tracker.rectification.models.documents import (
    DocumentEvent,
    DocumentOpening,
    DocumentSignature,
    DocumentVersion,
    PlanRemark,
    PlanSubmission,
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
    "DocumentOpening",
    "DocumentSignature",
    "DocumentVersion",
    "DueChange",
    "Evidence",
    "Extension",
    "LongTermRequest",
    "LongTermReview",
    "Measure",
    "MonthlyReport",
    "MonthlyReportLine",
    "PlanRemark",
    "PlanSubmission",
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
