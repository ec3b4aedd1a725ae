"""Who takes part in what: places, a queue, and what waits for an event that nobody has published yet."""
