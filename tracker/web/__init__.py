"""the Flask side of the kernel."""
