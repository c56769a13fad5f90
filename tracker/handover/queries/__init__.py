"""Load clues, advice and changes of post: only what this person may see."""
