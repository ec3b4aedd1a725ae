"""What a person at a terminal sees while it runs; nothing where nobody looks."""

import sys
import time

_BEGUN = time.monotonic()


def tell(text: str) -> None:
    """Say a line with the time since the start."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{time.monotonic() - _BEGUN:7.1f} s  {text}\n")
