"""In which order contestants run: all of them in each round, and in each round another one first."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def interleaved(contestants: Sequence[T], repetitions: int) -> Iterator[tuple[int, T]]:
    """Yield each contestant once a repetition.

    What changes on the machine meanwhile then meets all of them, and nobody always runs on what another one heated.
    """
    for repetition in range(repetitions):
        first = repetition % len(contestants)
        for contestant in (*contestants[first:], *contestants[:first]):
            yield repetition, contestant
