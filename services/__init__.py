"""Small services that carry facts from one Kafka topic to the next, one folder each."""
