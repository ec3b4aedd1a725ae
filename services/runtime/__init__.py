"""What every service runs on: the delivery engine, Kafka and PostgreSQL settings, logging and metrics.

The only place where a Kafka client is made and a Kafka default is set.
"""
