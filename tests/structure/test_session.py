"""What holds a session of tests together, whatever single tests leave behind."""

import ast
import gc
import traceback
from collections.abc import Iterator

import pytest

SOURCE = "x = 1 + 2 * 3\n" * 3_000


class Late:
    """Tells its error when it is collected, as a future does whose error nobody asked for."""

    told = 0

    def __init__(self, error: Exception) -> None:
        """Die in a cycle: only the collector finds it."""
        self.itself, self.error = self, error

    def __del__(self) -> None:
        """Tell."""
        traceback.format_exception(self.error)
        Late.told += 1


@pytest.fixture
def eager_collector() -> Iterator[None]:
    """A collector that comes often, as it does where much is made."""
    before = gc.get_threshold()
    gc.set_threshold(50, 2, 2)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("eager_collector")
def test_a_late_error_interrupts_no_parser() -> None:
    """Python before 3.11.8 loses count when an error is told while it parses; pytest parses modules and sources."""
    with pytest.raises(ValueError, match="no") as failed:
        int("no")
    for _ in range(20):
        Late(failed.value)
    ast.parse(SOURCE)
    assert Late.told
