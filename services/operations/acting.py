"""Who acts here: the principal of the operators, and the human who gives a command."""

import getpass
import os

OPERATOR = "hub-operator"

AN_OPERATOR = "operator "
"""What stands in a note of the vault before the name of who gave the command; no partner's id begins like that."""


def operator() -> str:
    """Say who gives commands here: the name of the system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container whose user has no name
        return f"user {os.getuid()}"
