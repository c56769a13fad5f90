"""How much of a draft is kept, and how long."""

import re
from collections.abc import Sequence
from datetime import timedelta

from tracker.kernel.errors import DomainError

MAX_CHARACTERS = 200_000
MAX_FIELDS = 3000
MAX_KEY = 400
MAX_DRAFTS = 100  # of one person; the oldest gives way
KEPT_FOR = timedelta(days=90)
NEVER_KEPT = re.compile(r"/clues/\d+/detail(\?|$)")  # what a clue says lies sealed, and once only
VERSION = re.compile(r"(^|-)version$")
Fields = Sequence[tuple[str, str]]


def check_size(fields: Fields) -> None:
    """Refuse what is too much for a draft; the sentence says what to do instead."""
    if sum(len(name) + len(value) for name, value in fields) > MAX_CHARACTERS:
        raise DomainError("内容超过 20 万字，草稿没有保存。请先提交，或把长文作为附件上传。")
    if len(fields) > MAX_FIELDS:
        raise DomainError("这一页的内容太多，草稿没有保存。请先提交一部分。")


def check_key(form_key: str) -> None:
    """Refuse a draft of a form whose text must lie nowhere else, whoever asks for it."""
    if NEVER_KEPT.search(form_key):
        raise DomainError("这一页的内容不保存草稿，请一次填写完成后提交。")


def says_something(fields: Fields) -> bool:
    """Return whether anything but the row's version was filled in."""
    return any(value.strip() for name, value in fields if not VERSION.search(name))
