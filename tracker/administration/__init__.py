"""系统管理: people, units, channels, settings."""
