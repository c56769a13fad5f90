"""Drawing a stratified sample that anybody can draw again. Pure.

The draw depends on the list of candidates and on the seed, and on nothing else: only SHA-256 and
whole numbers, no random generator, so that another program, or a patient person, gets the same.
docs/dev/spot-checks.md describes it in words.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum

Stratum = tuple[str, str]


class SizeKind(LabelledEnum):
    """How the size of a sample is given."""

    NUMBER = "number", "按项数"
    SHARE = "share", "按比例（%）"


@dataclass(frozen=True, order=True)
class Candidate:
    """One task that could be drawn: its number, its unit as REGION/CODE, its importance."""

    task_no: str
    unit: str
    importance: str

    @property
    def stratum(self) -> Stratum:
        """Return the stratum it belongs to."""
        return self.unit, self.importance


def frame_of(candidates: Iterable[Candidate]) -> str:
    """Return the list of candidates as it is kept and hashed.

    One line each, tab between number, unit and importance, in the order of the numbers' characters.
    DomainError when two have the same number.
    """
    ordered = sorted(candidates)
    numbers = Counter(each.task_no for each in ordered)
    twice = [number for number, times in numbers.items() if times > 1]
    if twice:
        raise DomainError(f"任务编号“{twice[0]}”重复，不能抽样。请先更正任务编号。")
    return "".join(f"{each.task_no}\t{each.unit}\t{each.importance}\n" for each in ordered)


def candidates_of(frame: str) -> list[Candidate]:
    """Return the candidates of a kept list. ValueError when a line is not three parts."""
    return [Candidate(*_three(line)) for line in frame.splitlines()]


def _three(line: str) -> tuple[str, str, str]:
    number, unit, importance = line.split("\t")
    return number, unit, importance


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def sample_size(total: int, kind: SizeKind, value: int) -> int:
    """Return how many to draw: the number, or the share in % half up; at least 1, at most all."""
    wanted = value if kind is SizeKind.NUMBER else (total * value * 2 + 100) // 200
    return min(total, max(1, wanted))


def allocate(sizes: Mapping[Stratum, int], wanted: int, seed: str) -> dict[Stratum, int]:
    """Share a sample out over strata: one each where it reaches, the rest by largest remainder.

    Where it does not reach for one each, all of it goes by largest remainder. Equal remainders
    are decided by the digest of seed and stratum, so that no unit is always the last.
    """
    each = 1 if wanted >= len(sizes) else 0
    room = {stratum: size - each for stratum, size in sizes.items()}
    left, total = wanted - each * len(sizes), sum(room.values())
    if left <= 0 or total == 0:
        return dict.fromkeys(sizes, each)
    shares = {stratum: divmod(left * free, total) for stratum, free in room.items()}
    given = {stratum: each + whole for stratum, (whole, _rest) in shares.items()}
    turn = sorted(sizes, key=lambda one: (-shares[one][1], digest(f"{seed}:{one[0]}:{one[1]}")))
    for stratum in turn[: wanted - sum(given.values())]:
        given[stratum] += 1
    return given


def draw(candidates: Sequence[Candidate], wanted: int, seed: str) -> list[str]:
    """Return the numbers of the tasks drawn, in order.

    Within a stratum those with the smallest SHA-256 of “seed:number” are drawn.
    """
    strata: dict[Stratum, list[str]] = {}
    for each in candidates:
        strata.setdefault(each.stratum, []).append(each.task_no)
    share = allocate({stratum: len(found) for stratum, found in strata.items()}, wanted, seed)
    return sorted(
        number
        for stratum, found in strata.items()
        for number in sorted(found, key=lambda no: (digest(f"{seed}:{no}"), no))[: share[stratum]]
    )
