"""``hub stream`` and ``hub export``: what analysts read."""
