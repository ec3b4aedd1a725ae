"""``hub key``, ``hub webhook`` and ``hub backfill``: by what a partner comes in, is called and is told again."""
