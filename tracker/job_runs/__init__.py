"""任务运行: lease, slots and runs of scheduled jobs."""
