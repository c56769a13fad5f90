"""Rows behind figures, as of a day, under the reader's scope."""
