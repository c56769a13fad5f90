"""Compose what a group reads: parts of at most 2000 bytes, every entry said or counted. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Protocol

from tracker.notifications.rules import ChannelKind

BYTE_BUDGET = 2000
MAX_PARTS = 5
MAX_LINE_BYTES = 600
MAX_HEADING_BYTES = 60
MAX_LINK_BYTES = 400
MAX_COUNTS = 8
TO_FULL_WIDTH = 0xFEE0
MARKUP = {ord(sign): ord(sign) + TO_FULL_WIDTH for sign in "<>`[]"}
JOINER = "\u200d"  # holds emoji together


class Texts(Protocol):
    """The words around the entries; they stand in templates/messages/digest."""

    def head(self, *, number: str, part_no: int, part_count: int, today: date) -> str:
        """Return the first line, with the visible number and the mark of a part."""
        ...

    def heading(self, *, heading: str, count: int, is_continued: bool) -> str:
        """Return the line above a group of entries."""
        ...

    def summary(self, *, counts: Sequence[tuple[str, int]], rest: int) -> str:
        """Return the counts that a shared group reads; `rest` is under no heading of its own."""
        ...

    def more(self, *, count: int) -> str:
        """Return the line that counts the entries left unsaid."""
        ...

    def link(self, *, url: str) -> str:
        """Return the line with the link."""
        ...


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry to be said. `is_open`: about no unit, so that a shared group may read it."""

    notification_id: int
    urgency: int
    heading: str
    line: str
    mentions: tuple[tuple[str | None, str | None], ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class Part:
    """One message: its text and the notifications it says or counts."""

    body: str
    notification_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Everything about a digest that is not an entry."""

    kind: ChannelKind
    number: str
    today: date
    link: str | None
    texts: Texts


@dataclass
class _Page:
    lines: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    size: int = 0


def neutral(text: str, *, limit: int = MAX_LINE_BYTES) -> str:
    """Return text from people as one harmless line of at most `limit` bytes of UTF-8.

    A chat reads `<@userid>`, `<font`, backticks, links, a leading # or > as markup.
    """
    plain = " ".join("".join(map(_harmless, text)).split()).translate(MARKUP)
    if plain.startswith("#"):
        plain = chr(ord("#") + TO_FULL_WIDTH) + plain[1:]
    return clip(plain, limit)


def _harmless(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cf":  # invisible: writing direction, soft hyphens
        return sign if sign == JOINER else ""
    return " " if category[0] in "CZ" else sign


def clip(text: str, limit: int) -> str:
    """Cut to at most `limit` bytes of UTF-8 on a character's edge, an ellipsis marking the cut."""
    octets = text.encode()
    if len(octets) <= limit:
        return octets.decode()
    return octets[: limit - 3].decode(errors="ignore") + "…"


def size(text: str) -> int:
    """Return the length a robot counts: bytes of UTF-8."""
    return len(text.encode())


def compose(items: Sequence[Item], frame: Frame) -> list[Part]:
    """Return the parts of a digest, in order; [] when there is nothing to say."""
    ordered = _ordered(items)
    if not ordered:
        return []
    if frame.kind is ChannelKind.SHARED:
        return [_shared_part(ordered, frame)]
    pages, unsaid = _pages(ordered, frame, max_parts=MAX_PARTS)
    pages[-1].ids.extend(unsaid)
    return [
        Part(_body(page, frame, no, len(pages), len(unsaid) if no == len(pages) else 0),
             tuple(page.ids))
        for no, page in enumerate(pages, 1)
    ]  # fmt: skip


def recompose(items: Sequence[Item], frame: Frame, *, part_no: int, part_count: int) -> Part:
    """Return one part of a digest anew, its mark kept, from the entries that are still wanted."""
    ordered = _ordered(items)
    if frame.kind is ChannelKind.SHARED:
        return _shared_part(ordered, frame)
    pages, unsaid = _pages(ordered, frame, max_parts=1)
    body = _body(pages[0], frame, part_no, part_count, len(unsaid))
    return Part(body, (*pages[0].ids, *unsaid))


def mentions_of(
    items: Sequence[Item], kind: ChannelKind
) -> tuple[tuple[str | None, str | None], ...]:
    """Return whom a digest pings, each once; nobody but in groups of units."""
    if kind not in (ChannelKind.SHARED, ChannelKind.UNIT):
        return ()
    return tuple(dict.fromkeys(who for item in _ordered(items) for who in item.mentions))


def _ordered(items: Sequence[Item]) -> list[Item]:
    """Sort by urgency, the entries of one heading staying together."""
    first: dict[str, int] = {}
    for item in items:
        first[_heading(item)] = min(item.urgency, first.get(_heading(item), item.urgency))
    return sorted(
        items,
        key=lambda item: (
            first[_heading(item)],
            _heading(item),
            item.urgency,
            item.notification_id,
        ),
    )


def _heading(item: Item) -> str:
    return neutral(item.heading, limit=MAX_HEADING_BYTES)


def _capacity(frame: Frame, unsaid: int) -> int:
    """Return the bytes left for lines in any part, its head and the longest foot counted."""
    head = frame.texts.head(
        number=frame.number, part_no=MAX_PARTS, part_count=MAX_PARTS, today=frame.today
    )
    return BYTE_BUDGET - size(head) - size("\n".join(_foot(frame, unsaid))) - 2


def _foot(frame: Frame, unsaid: int, *, is_last: bool = True) -> list[str]:
    lines = [frame.texts.more(count=unsaid)] if unsaid else []
    if is_last and frame.link and size(frame.link) <= MAX_LINK_BYTES:
        lines.append(frame.texts.link(url=frame.link))
    return lines


def _pages(items: list[Item], frame: Frame, *, max_parts: int) -> tuple[list[_Page], list[int]]:
    """Fill at most `max_parts` pages in order; return them and the ids that found no room."""
    binder = _Binder(frame, room=_capacity(frame, len(items)), max_parts=max_parts)
    unsaid: list[int] = []
    for name, group in groupby(items, key=_heading):
        members = list(group)
        for position, item in enumerate(members):
            if unsaid or not binder.put(item, name, position, len(members)):
                unsaid.append(item.notification_id)
    return binder.pages, unsaid


class _Binder:
    """Puts lines on pages, a heading above each group and again on top of a new page."""

    def __init__(self, frame: Frame, *, room: int, max_parts: int) -> None:
        self.pages = [_Page()]
        self._frame = frame
        self._room = room
        self._max_parts = max_parts

    def put(self, item: Item, name: str, position: int, count: int) -> bool:
        """Add an entry, the n-th of its heading; return False when no page has room."""
        line = neutral(item.line)
        above = self._frame.texts.heading(heading=name, count=count, is_continued=position > 0)
        page = self.pages[-1]
        lines = [line] if position and page.lines else [above, line]
        if page.lines and page.size + _length(lines) > self._room:
            if len(self.pages) == self._max_parts:
                return False
            self.pages.append(page := _Page())
            lines = [above, line]
        page.lines += lines
        page.size += _length(lines)
        page.ids.append(item.notification_id)
        return True


def _length(lines: Sequence[str]) -> int:
    return sum(size(line) + 1 for line in lines)


def _body(page: _Page, frame: Frame, part_no: int, part_count: int, unsaid: int) -> str:
    head = frame.texts.head(
        number=frame.number, part_no=part_no, part_count=part_count, today=frame.today
    )
    foot = _foot(frame, unsaid, is_last=part_no == part_count)
    return "\n".join([head, *page.lines, *foot])


def _shared_part(items: list[Item], frame: Frame) -> Part:
    """Counts and link only: a group shared by units reads no unit's name and no task."""
    ids = tuple(item.notification_id for item in items)
    said = [item for item in items if item.is_open]
    counted = [item for item in items if not item.is_open]
    counts = [(name, len(list(group))) for name, group in groupby(counted, key=_heading)]
    rest = sum(count for _name, count in counts[MAX_COUNTS:])
    lines = [frame.texts.summary(counts=counts[:MAX_COUNTS], rest=rest)] if counts else []
    room = _capacity(frame, len(items)) - _length(lines)
    unsaid = 0
    for item in said:
        line = neutral(item.line)
        fits = not unsaid and size(line) + 1 <= room
        lines += [line] if fits else []
        room -= size(line) + 1 if fits else 0
        unsaid += not fits
    return Part(_body(_Page(lines), frame, 1, 1, unsaid), ids)
