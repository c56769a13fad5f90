"""What people do to tasks, as verbs: issuing, planning, working, closing."""
