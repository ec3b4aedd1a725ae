"""Ports on the loopback address: free ones, and a clear word about a taken one."""

import socket
from collections.abc import Mapping
from contextlib import ExitStack

from services.operations.errors import OperationError

HOST = "127.0.0.1"

PORTS = {
    "kafka": 9092,
    "kafka-controller": 9093,
    "postgres": 5432,
    "prefect": 4200,
    "intake": 8101,
    "events": 8102,
    "dispatch": 8103,
    "runner": 8104,
    "research": 8105,
    "gateway": 8106,
    "enrolments": 8107,
}


class PortTakenError(OperationError):
    """Somebody else listens where a part of the stack should."""


def free(number: int) -> list[int]:
    """Return that many different ports on which nobody listens now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def require(wanted: Mapping[str, int], where: str) -> None:
    """Make sure that nobody listens on the ports.

    Args:
        wanted: port by the name of the part that will listen there.
        where: where a user changes the number, for the error's sentence.

    Raises:
        PortTakenError: somebody does.
    """
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections of the last run linger
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise PortTakenError(
                    f"expected port {port} free for {name}, but {str(error.strerror).lower()}: "
                    f"stop the program that listens there, or set another port for {name} in {where}"
                ) from None


def listening(port: int, host: str = HOST) -> bool:
    """Whether somebody accepts connections on the port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
