"""``hub duplicates``: events of several partners that may be the same one."""
