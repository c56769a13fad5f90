"""Cells that choose from a few words: 是否销号, 问题性质, 整改类型, 完成情况. Results are the glossary's words."""

import re

from tracker.ledger.texts import squeeze

YES = re.compile(
    r"^(?:是|已|已?销号|已销|已完成销号|同意销号|准予销号|√|✓|✔|☑|Y|YES|TRUE|1|对)$|^(?:已销号|已完成销号|是[(,，、])"
)
NO = re.compile(r"^(?:否|未|不|暂|待|尚|没|×|✗|✘|X|N|NO|FALSE|0$|申请|拟)|^无$|^[-/—]+$")
NATURES = ("共性", "个性")
LONG_WORDS = 15


def read_yes_no(text: str) -> bool | None:
    """Return whether 是否销号 says yes; None for an empty cell or one that says neither."""
    plain = squeeze(text).upper()
    if YES.search(plain):
        return True
    return False if NO.search(plain) else None


def read_nature(text: str) -> str | None:
    """Return 共性 or 个性; None when the cell says neither or both."""
    named = [nature for nature in NATURES if nature in text]
    return named[0] if len(named) == 1 else None


def read_kind(text: str) -> str | None:
    """Return 立行立改, 限期 or 长期; None for other words."""
    plain = squeeze(text)
    if re.search(r"立行立改|立查立改|即知即改|立即|立整立改", plain):
        return "立行立改"
    if re.search(r"长期|持续|常态", plain):
        return "长期"
    return "限期" if re.search(r"限期|集中整改|分阶段|阶段|近期|中期|短期", plain) else None


def read_completion(text: str) -> str | None:
    """Return 已完成, 基本完成, 取得阶段性成效 or 未完成; None for other words and for narratives."""
    plain = squeeze(text)
    if not plain or len(plain) > LONG_WORDS:
        return None
    for pattern, word in COMPLETIONS:
        if pattern.search(plain):
            return word
    return None


COMPLETIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:未|尚未|没有|否|×|正在|整改中|推进中|进行中|暂未|逾期未)"), "未完成"),
    (re.compile(r"阶段性|部分完成"), "取得阶段性成效"),
    (re.compile(r"基本"), "基本完成"),
    (
        re.compile(
            r"^(?:是|√|✓|100%|完成)|已完成|全部完成|完成整改|整改到位|整改完成|已整改|已办结|已销号"
        ),
        "已完成",
    ),
)
