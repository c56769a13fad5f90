"""Three-way comparison of one cell: as it went out, as it came back, as it stands here by now."""

from tracker.kernel.labels import LabelledEnum


class CellChange(LabelledEnum):
    """What became of a cell since it went out."""

    NONE = "none", "未改"
    THEIRS = "theirs", "表中改了"
    OURS = "ours", "系统里改了"
    AGREED = "agreed", "两边改得一样"
    CONFLICT = "conflict", "两边都改了"


def compare(sent: str, returned: str, present: str) -> CellChange:
    """Tell who changed a cell; all three are texts written by the same rule, "" for an empty one."""
    if returned == present:
        return CellChange.NONE if sent == present else CellChange.AGREED
    if returned == sent:
        return CellChange.OURS
    return CellChange.THEIRS if sent == present else CellChange.CONFLICT
