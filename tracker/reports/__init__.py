"""报告: weekly report and what goes out."""
