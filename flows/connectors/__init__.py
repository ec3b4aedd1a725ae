"""One folder per kind of partner system, with the same file names in each."""
