"""``hub person`` and ``hub erase``: what is held of a human, and taking it out."""
