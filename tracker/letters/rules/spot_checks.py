"""Words and rules of 整改抽查复核."""

from collections.abc import Iterable
from datetime import date

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum

LONGEST_QUESTION = 80
MOST_QUESTIONS = 20
DEFAULT_QUESTIONS = (
    "整改措施是否逐条落实，与报送情况一致",
    "佐证材料是否真实，能否与实物、账目、现场对应",
    "问题是否真正解决，有无反弹或改头换面",
    "建章立制是否执行，有无以文件落实整改",
    "服务对象或群众是否认可",
)


class CheckOutcome(LabelledEnum):
    """What a spot check of one task found."""

    PASSED = "passed", "通过"
    FAILED = "failed", "不通过"


def check_checker(checker: int | None, closer: int | None) -> None:
    """Refuse that the person who closed a task checks it; both are persons, not sign-ins.

    It is refused, not only warned of: an office has at least two people, and a check by whoever
    decided that all was well proves nothing.
    """
    if checker is not None and checker == closer:
        raise DomainError("这项任务是您销号的，不能由您核查。请由其他同志核查并登记结果。")


def check_outcome(
    outcome: CheckOutcome, findings: str, *, checked_on: date, drawn_on: date, today: date
) -> None:
    """Refuse an outcome that cannot be: a failure needs its reason, the day lies after the draw."""
    if outcome is CheckOutcome.FAILED and not findings.strip():
        raise DomainError("不通过的，请写明核查发现的问题，主任才能据此决定是否重新整改。")
    if not drawn_on <= checked_on <= today:
        raise DomainError(f"核查日期应在抽取之日（{drawn_on.isoformat()}）至今天之间，请核对。")


def questions_typed(lines: str) -> list[str]:
    """Return the questions of a typed list, one a line, each once."""
    found = list(dict.fromkeys(line.strip() for line in lines.splitlines() if line.strip()))
    if not found:
        raise DomainError("请至少保留一条核查要点。")
    if len(found) > MOST_QUESTIONS:
        raise DomainError(f"核查要点最多 {MOST_QUESTIONS} 条，请精简。")
    if any(len(question) > LONGEST_QUESTION for question in found):
        raise DomainError(f"每条核查要点最多 {LONGEST_QUESTION} 个字，请精简。")
    return found


def summary(checked: int, failed: int) -> str:
    """Return “抽查N项，不通过n项”."""
    return f"抽查{checked}项，不通过{failed}项"


def reopen_reason(name: str, findings: str, words: Iterable[str] = ()) -> str:
    """Return why a task is reopened: the spot check by name, what it found, what was added."""
    added = "".join(f"{word.strip()}" for word in words if word.strip())
    return f"{name}不通过：{findings.strip()}{added and f'（{added}）'}"
