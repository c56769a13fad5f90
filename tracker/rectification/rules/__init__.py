"""What the product believes about rectification: words, the path, whose turn, deadlines."""
