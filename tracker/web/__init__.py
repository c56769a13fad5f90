"""The Flask side of the kernel and the static files."""
