"""The rows of a sheet, made as they are asked for: as values they take several times what the cell
reader holds."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import overload

from tracker.spreadsheets.workbook import Row

WINDOW = 512  # rows kept for looking back: more than a header and its samples


class LazyRows(Sequence[Row]):
    """Goes through `make()` anew for every loop; single rows are cheap near the one asked for before."""

    def __init__(self, make: Callable[[], Iterator[Row]], count: int) -> None:
        self._make = make
        self._count = count
        self._restart()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._row(index % self._count)

    def _row(self, index: int) -> Row:
        if index < self._read - len(self._window):
            self._restart()
        for row in islice(self._ahead, max(index + 1 - self._read, 0)):
            self._window.append(row)
            self._read += 1
        return self._window[index - self._read]

    def _restart(self) -> None:
        self._ahead, self._read = self._make(), 0
        self._window: deque[Row] = deque(maxlen=WINDOW)
