"""总结段落: sentences for documents, filled with figures."""
