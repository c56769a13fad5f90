"""Words of clues and advice."""

from tracker.kernel.labels import LabelledEnum


class ClueMeasure(LabelledEnum):
    """What a number of clues says. These counts never mix, nor do 件 and 人."""

    FOUND = "found", "发现（件）"
    TRANSFERRED = "transferred", "移交（件）"
    RECEIVED = "received", "接收（件）"
    SETTLED = "settled", "办结（件）"
    CASES = "cases", "立案（件）"
    PERSONS_FILED = "persons_filed", "立案（人）"
    PERSONS_PUNISHED = "persons_punished", "给予党纪政务处分（人）"


class ClueKind(LabelledEnum):
    """线索 or 信访事项."""

    CLUE = "clue", "问题线索"
    PETITION = "petition", "信访事项"
