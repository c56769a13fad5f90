"""线索与建议: clues as counts, advice."""
