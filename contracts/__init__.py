"""Message contracts of the Learning City Hub: what a partner may say, and how the hub judges it.

Frozen models and pure functions. Nothing here opens a socket, a file of a partner or a database.
"""
