"""``hub apply`` and ``hub cursor``: what Kafka should look like, and changing it until it does."""
