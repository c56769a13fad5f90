"""巡察整改跟踪系统: the application."""
