"""What goes on beside a run, in a thread of its own."""

import threading
from collections.abc import Callable
from typing import Self


class Beside:
    """Work that begins with a block and is told by ``_end`` to come to its end with it."""

    def __init__(self, work: Callable[[], None]) -> None:
        """Prepare; nothing runs yet."""
        self._end = threading.Event()
        self._thread = threading.Thread(target=work, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and wait until all is done."""
        self._end.set()
        self._thread.join()
