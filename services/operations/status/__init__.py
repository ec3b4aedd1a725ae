"""``hub status``: how each partner is doing, and what to do about it."""
