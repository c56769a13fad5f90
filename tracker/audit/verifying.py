"""Verify the whole trail: the chain, its registered end, and the anchors outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from tracker.audit.anchors import misfit, read_anchors
from tracker.audit.chain import walk


@dataclass(frozen=True)
class Verdict:
    """What came out: `broken` is the first number that does not fit, None when all do."""

    count: int
    chain: str
    anchors: int
    broken: int | None
    problem: str


def verify(session: Session, anchor_file: Path, keys: Sequence[str]) -> Verdict:
    """Return whether the trail is whole; of several faults the lowest number."""
    try:
        anchors = read_anchors(anchor_file)
    except (ValueError, KeyError, TypeError):
        problem = "锚点文件不是本程序写的样子：文件被改动。"
        state = walk(session)
        return Verdict(state.count, state.last_chain, 0, state.broken or state.count + 1, problem)
    state = walk(session, frozenset(anchor.seq for anchor in anchors))
    if state.broken is not None:
        return Verdict(state.count, state.last_chain, len(anchors), state.broken, state.problem)
    found = misfit(anchors, state, keys)
    broken, problem = found or (None, "")
    return Verdict(state.count, state.last_chain, len(anchors), broken, problem)
