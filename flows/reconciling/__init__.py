"""``hub reconcile``: what both sides hold, compared, and what differs told again."""
