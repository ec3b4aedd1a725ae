"""``hub balance``: whether all that came in is accounted for."""
