"""挂牌督办: after how many working days without news the office's lead is told."""

from datetime import date

from tracker.kernel.errors import DomainError
from tracker.workdays.rules import WorkCalendar

DEFAULT_INTERVAL = 5
MAX_INTERVAL = 60
DEFAULT_LEVELS = ("领导小组挂牌督办", "巡察办挂牌督办")
MAX_LEVELS = 20
LEVEL_CHARACTERS = 40


def days_without_news(
    last_news_on: date, *, today: date, interval: int, calendar: WorkCalendar
) -> int | None:
    """Return the calendar days since the last news once more than `interval` working days have
    gone by; None before."""
    if calendar.workdays_between(last_news_on, today) <= interval:
        return None
    return (today - last_news_on).days


def clean_levels(text: str) -> tuple[str, ...]:
    """Return the levels that an office writes one a line, each once, in order."""
    levels = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not 1 <= len(levels) <= MAX_LEVELS:
        raise DomainError(f"请填写 1 至 {MAX_LEVELS} 个督办级别，一行一个。")
    if any(len(level) > LEVEL_CHARACTERS for level in levels):
        raise DomainError(f"督办级别最多 {LEVEL_CHARACTERS} 个字，请精简。")
    return levels


def check_interval(days: int | None) -> int:
    """Return the interval in working days. DomainError when it makes no sense."""
    if days is None or not 1 <= days <= MAX_INTERVAL:
        raise DomainError(f"更新间隔请填 1 至 {MAX_INTERVAL} 个工作日。")
    return days
