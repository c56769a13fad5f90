"""工作日: the calendar of working days and days off, and pure day arithmetic."""
