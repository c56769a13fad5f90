"""What the words of a header mean: those shipped with the product, and before them an office's own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeVar

from tracker.kernel.labels import LabelledEnum
from tracker.ledger.columns import BY_FIELD, COLUMNS, Field
from tracker.ledger.texts import squeeze

LONGEST_TITLE = 12
LONGEST_WORD = 200
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
DECORATION = re.compile(r"[*:。★▲]")
BELOW = " / "
"""Between the words of a header of several rows; no squeezed word has a space."""


class Unread(LabelledEnum):
    """What becomes of a column that is none of ours."""

    EXTRA = "extra", "作为附加栏保留"
    SKIPPED = "skipped", "不导入"


Meaning = Field | Unread
M = TypeVar("M", bound=Field | Unread)


def meaning_from(code: str) -> Meaning:
    """Return the meaning that a stored or chosen code stands for; ValueError when there is none."""
    return Unread(code) if code in set(Unread) else Field(code)


def label_of(meaning: Meaning) -> str:
    """Return a meaning as the office calls it."""
    return meaning.label if isinstance(meaning, Unread) else BY_FIELD[meaning].title


MEANINGS: dict[str, str] = {meaning.value: label_of(meaning) for meaning in (*Field, *Unread)}


@lru_cache(maxsize=4096)
def plain(label: str) -> str:
    """Return a word in the form in which words are compared."""
    return DECORATION.sub("", squeeze(label)).upper()


def key_of(words: Sequence[str]) -> str:
    """Return what a column is learned by: its words from top to bottom; they come lowest first."""
    return BELOW.join(plain(word) for word in reversed(words))


TITLES: dict[str, Field] = {plain(column.title): column.field for column in COLUMNS}
SYNONYMS: dict[str, Field] = {
    plain(word): column.field for column in COLUMNS for word in column.synonyms
}


def look_up(word: str, known: Mapping[str, M]) -> M | None:
    """Look a word up as it stands, then without its bracketed remarks: 挽回损失(万元)."""
    squeezed = plain(word)
    return known.get(squeezed) or known.get(BRACKETS.sub("", squeezed))


ISSUE_SIGNS = frozenset("题见")
"""Of these every shipped word for 反馈问题 has one, so that most cells need no look-up."""


@lru_cache(maxsize=2048)
def shipped_meanings(word: str) -> frozenset[Field]:
    """Return what a word means to the product, as a title or as a synonym."""
    found = (look_up(word, TITLES), look_up(word, SYNONYMS))
    return frozenset(meaning for meaning in found if meaning is not None)


@lru_cache(maxsize=2048)
def shipped_meaning(word: str) -> Field | None:
    """Return the same, the title first."""
    return look_up(word, TITLES) or look_up(word, SYNONYMS)


@dataclass(frozen=True)
class HeaderWords:
    """The words of one office over those shipped; `learned` by `key_of`."""

    learned: Mapping[str, Meaning] = field(default_factory=dict)

    def learned_meaning(self, words: Sequence[str]) -> Meaning | None:
        """Return what the office says of a column: of all its words, else of the lowest it knows."""
        if not self.learned:
            return None
        whole = self.learned.get(key_of(words))
        each = (look_up(word, self.learned) for word in words)
        return whole or next((meaning for meaning in each if meaning is not None), None)

    def may_name_issue(self, words: Sequence[str]) -> bool:
        """Tell whether it is worth asking each word: every row of a sheet is asked."""
        return self._has_issue or not ISSUE_SIGNS.isdisjoint("".join(words))

    def names_issue(self, word: str) -> bool:
        """Tell whether a word may stand over the issues."""
        if not ISSUE_SIGNS.isdisjoint(word) and Field.ISSUE in shipped_meanings(word):
            return True
        return self._has_issue and self.learned_meaning([word]) is Field.ISSUE

    @cached_property
    def _has_issue(self) -> bool:
        """Tell whether it is worth asking, which is done for every short cell of a sheet."""
        return Field.ISSUE in self.learned.values()

    def meaning_of(self, word: str) -> Meaning | None:
        """Return what a word means wherever it stands; a longer text is none unless it was learned."""
        learned = self.learned_meaning([word]) if len(word) <= LONGEST_WORD else None
        if learned is not None:
            return learned
        return shipped_meaning(word) if len(word) <= LONGEST_TITLE else None
