"""The delivery engine: exactly one effect and one output per input record, whatever dies in between.

Read in this order: ``delivery`` (the port to Kafka), ``stateless`` and ``stateful`` (the two modes), ``fencing`` (who
owns a partition), ``blame`` (whose fault an error is), ``intake_of_records`` (where FastStream hands over).
"""
