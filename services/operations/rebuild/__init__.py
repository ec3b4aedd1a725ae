"""``hub rebuild``: folding a stream anew into the tables that its service keeps."""
