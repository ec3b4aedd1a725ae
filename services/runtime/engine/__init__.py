"""The delivery engine: exactly one effect and one output per input record, whatever dies in between.

Read in this order: ``delivery`` (the port to Kafka), ``mode`` (what is done with records), ``stateless`` and
``stateful`` (the two ways to do it), ``ownership`` (who has a partition), ``turn`` (what it does when it has its turn),
``assignment`` (how it changes hands), ``blame`` (whose fault an error is); then, beside this folder, ``subscription``
(where FastStream hands over) and ``polling``.
"""
