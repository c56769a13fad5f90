"""States of a job's run."""

from tracker.kernel.labels import LabelledEnum


class RunState(LabelledEnum):
    """How a run stands."""

    REQUESTED = "requested", "待运行"
    RUNNING = "running", "运行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"
