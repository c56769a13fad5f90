"""Jobs: what happens by itself."""
