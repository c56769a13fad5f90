"""What an office does with clues, advice and changes of post."""
