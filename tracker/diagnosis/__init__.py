"""权限诊断: names the rule why somebody cannot see something, and shows nothing of it."""
