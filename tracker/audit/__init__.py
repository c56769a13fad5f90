"""审计留痕: who did what, append-only and chained."""
