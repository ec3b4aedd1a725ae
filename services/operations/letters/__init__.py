"""``hub deadletter`` and ``hub refusals``: what was refused, why, and how it is made good."""
