"""整改任务: plans, tasks, progress, evidence, reviews — the heart."""
