"""草稿: what was typed and not sent yet, kept on the server for its owner alone."""
