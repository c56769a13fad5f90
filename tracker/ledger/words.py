"""Cells that choose from a few words: 是否销号, 问题性质, 整改类型, 完成情况. Results are the enumerations."""

import re

from tracker.feedback.rules import IssueNature
from tracker.ledger.texts import remembered, squeeze
from tracker.rectification.rules.words import CompletionClass, TaskKind

YES = re.compile(
    r"^(?:是|已|已?销号|已销|已完成销号|同意销号|准予销号|√|✓|✔|☑|Y|YES|TRUE|1|对)$|^(?:已销号|已完成销号|是[(,，、])"
)
NO = re.compile(r"^(?:否|未|不|暂|待|尚|没|×|✗|✘|X|N|NO|FALSE|0$|申请|拟)|^无$|^[-/—]+$")
LONG_WORDS = 15


@remembered
def read_yes_no(text: str) -> bool | None:
    """Return whether 是否销号 says yes; None for an empty cell or one that says neither."""
    plain = squeeze(text).upper()
    if YES.search(plain):
        return True
    return False if NO.search(plain) else None


@remembered
def read_nature(text: str) -> IssueNature | None:
    """Return 共性 or 个性; None when the cell says neither or both."""
    named = [nature for nature in IssueNature if nature.label in text]
    return named[0] if len(named) == 1 else None


@remembered
def read_kind(text: str) -> TaskKind | None:
    """Return 立行立改, 限期 or 长期; None for other words."""
    plain = squeeze(text)
    return next((kind for pattern, kind in KINDS if pattern.search(plain)), None)


@remembered
def read_completion(text: str) -> CompletionClass | None:
    """Return 已完成, 基本完成, 取得阶段性成效 or 未完成; None for other words and for narratives."""
    plain = squeeze(text)
    if not plain or len(plain) > LONG_WORDS:
        return None
    return next((word for pattern, word in COMPLETIONS if pattern.search(plain)), None)


KINDS: tuple[tuple[re.Pattern[str], TaskKind], ...] = (
    (re.compile(r"立行立改|立查立改|即知即改|立即|立整立改"), TaskKind.IMMEDIATE),
    (re.compile(r"长期|持续|常态"), TaskKind.LONG_TERM),
    (re.compile(r"限期|集中整改|阶段|近期|中期|短期"), TaskKind.DATED),
)

COMPLETIONS: tuple[tuple[re.Pattern[str], CompletionClass], ...] = (
    (
        re.compile(r"^(?:未|尚未|没有|否|×|正在|整改中|推进中|进行中|暂未|逾期未)"),
        CompletionClass.NOT_DONE,
    ),
    (re.compile(r"阶段性|部分完成"), CompletionClass.PARTLY),
    (re.compile(r"基本"), CompletionClass.MOSTLY),
    (
        re.compile(
            r"^(?:是|√|✓|100%|完成)|已完成|全部完成|完成整改|整改到位|整改完成|已整改|已办结|已销号"
        ),
        CompletionClass.DONE,
    ),
)
