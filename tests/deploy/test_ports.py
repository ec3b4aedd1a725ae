import socket

import pytest

from deploy.ports import PortTakenError, free, listening, require


def test_a_taken_port_is_named() -> None:
    """The error names the port, the part that wants it, and where to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"{port}.*kafka.*\[ports\] of hub.toml"):
            require({"kafka": port}, "[ports] of hub.toml")
        assert listening(port)


def test_free_ports_are_free() -> None:
    """Free ports differ, and requiring them raises nothing."""
    numbers = free(5)
    assert len(set(numbers)) == 5
    require({str(number): number for number in numbers}, "anywhere")
