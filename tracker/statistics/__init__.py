"""统计: the registry of figures with their 口径."""
