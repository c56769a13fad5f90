"""附件存储: stores and verifies bytes, knows no permission."""
