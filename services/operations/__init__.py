"""The ``hub`` command: what an operator and an analyst look at and change."""
