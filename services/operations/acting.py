"""Who acts here: the principal of the operators, and the human who gives a command."""

import getpass
import os

OPERATOR = "hub-operator"


def operator() -> str:
    """Say who gives commands here: the name of the system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container whose user has no name
        return f"user {os.getuid()}"
