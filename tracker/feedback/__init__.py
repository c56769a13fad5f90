"""反馈: feedback and its issues."""
