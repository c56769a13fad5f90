"""Anchors outside of the database: a day's last number and chain value, appended to a file.

The chain alone cannot tell a trail that was cut at its end and joined up again, nor one computed
anew: whoever can write the database could do either. The file lies with the data, not in the
database; its lines are signed with the secret key (HMAC-SHA-256), so that nobody without the key
can write a fitting one. A line signed with a key since retired still counts by its chain value.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.audit.chain import ChainState

FILE_NAME = "audit-anchors.jsonl"
PURPOSE = b"tracker-audit-anchor:"
KEY_NAME_CHARACTERS = 8


@dataclass(frozen=True)
class AuditAnchor:
    """One line: the trail's end at an instant, the signing key's name, the signature."""

    at: str
    seq: int
    chain: str
    key: str
    mac: str


def anchor_path(data_dir: Path) -> Path:
    """Return where anchors lie."""
    return data_dir / FILE_NAME


def write_anchor(
    path: Path, seq: int, chain: str, keys: Sequence[str], *, now: datetime
) -> AuditAnchor:
    """Append the trail's end, on disk before this returns."""
    at, key = now.isoformat(), keys[0]
    anchor = AuditAnchor(at, seq, chain, _name_of(key), _mac(key, at, seq, chain))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(vars(anchor)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return anchor


def read_anchors(path: Path) -> list[AuditAnchor]:
    """Return the anchors, oldest first. Raises ValueError where a line is not one."""
    if not path.is_file():
        return []
    found = []
    for line in path.read_text("utf-8").splitlines():
        fields = json.loads(line)
        found.append(
            AuditAnchor(**{name: fields[name] for name in ("at", "seq", "chain", "key", "mac")})
        )
    return found


def is_genuine(anchor: AuditAnchor, keys: Sequence[str]) -> bool:
    """Return whether the line is as it was signed; one of a key no longer known passes."""
    for key in keys:
        if _name_of(key) == anchor.key:
            return hmac.compare_digest(_mac(key, anchor.at, anchor.seq, anchor.chain), anchor.mac)
    return True


def misfit(
    anchors: Sequence[AuditAnchor], state: ChainState, keys: Sequence[str]
) -> tuple[int, str] | None:
    """Return the first number and sentence where trail and anchors disagree, or None.

    `state` has to have been asked for the anchors' numbers.
    """
    there = dict(state.at)
    for anchor in anchors:
        if not is_genuine(anchor, keys):
            return (
                anchor.seq,
                f"锚点文件中第 {anchor.seq} 条（{anchor.at}）的签名不符：文件被改动。",
            )
        if anchor.seq > state.count:
            return state.count + 1, (
                f"锚点（{anchor.at}）记到第 {anchor.seq} 条，现在只有 {state.count} 条：末尾被截断。"
            )
        if anchor.seq and there.get(anchor.seq) != anchor.chain:
            return anchor.seq, f"第 {anchor.seq} 条与锚点（{anchor.at}）不符：整个记录被改写过。"
    return None


def _name_of(key: str) -> str:
    return hashlib.sha256(PURPOSE + key.encode()).hexdigest()[:KEY_NAME_CHARACTERS]


def _mac(key: str, at: str, seq: int, chain: str) -> str:
    return hmac.new(PURPOSE + key.encode(), f"{at}|{seq}|{chain}".encode(), "sha256").hexdigest()
