"""The HTTP door of partners that have no Kafka client: facts into their inbox, receipts, and their outbox."""
