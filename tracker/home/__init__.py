"""工作台: what waits for me."""
