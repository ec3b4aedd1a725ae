"""How long a silent instance is waited for. Apart from the clients, so that who needs the number loads none of them."""

SESSION_TIMEOUT_MS = 30_000
"""The group's: after so long its partitions go to another instance. PostgreSQL's limits derive from it."""

REACH_S = 8
"""A command that gets no first answer of a part gives up after so long: within ten seconds, its own start included."""
