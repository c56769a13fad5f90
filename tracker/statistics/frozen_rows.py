"""The rows behind a frozen figure, packed into a column: which ids, and what each weighs. Pure."""

import base64
import json
import zlib
from collections.abc import Mapping
from itertools import accumulate, pairwise

Weights = dict[int, int]


def pack(sides: Mapping[str, Weights]) -> str:
    """Return the rows of each side as text; 100,000 neighbouring ids take about a kilobyte."""
    plain = {side: _packed(rows) for side, rows in sides.items()}
    packed = zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 9)
    return base64.b85encode(packed).decode()


def unpack(text: str) -> dict[str, Weights]:
    """Return what was packed; of an empty text nothing."""
    if not text:
        return {}
    plain = json.loads(zlib.decompress(base64.b85decode(text)))
    return {side: _unpacked(*both) for side, both in plain.items()}


def _packed(rows: Weights) -> tuple[list[int], dict[str, int]]:
    """Return the distances between sorted ids, and the weights that are not 1."""
    ids = sorted(rows)
    steps = [after - before for before, after in pairwise([0, *ids])]
    return steps, {str(row): weight for row, weight in sorted(rows.items()) if weight != 1}


def _unpacked(steps: list[int], weights: Mapping[str, int]) -> Weights:
    return {row: weights.get(str(row), 1) for row in accumulate(steps)}
