"""Tables of handing over: clues as counts, their restricted detail, advice, changes of post."""

from tracker.handover.models.advice import Advice
from tracker.handover.models.clues import Clue, ClueCorrection, ClueCount, ClueDetail, ClueGrant
from tracker.handover.models.posts import PostChange, PostChangeItem

__all__ = [
    "Advice",
    "Clue",
    "ClueCorrection",
    "ClueCount",
    "ClueDetail",
    "ClueGrant",
    "PostChange",
    "PostChangeItem",
]
