"""运行状况: whether reminders run, and the office told when they do not."""
