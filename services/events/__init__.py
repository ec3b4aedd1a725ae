"""The catalogue of events: what holds of each, decided by revision."""
