"""What a stack left behind."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest


@pytest.fixture(scope="session")
def living_processes() -> Callable[[Path], list[str]]:
    """Return the command lines of the living processes that have a folder in their words or variables."""

    def living(folder: Path) -> list[str]:
        found = []
        for process in psutil.process_iter():
            try:
                words = [*process.cmdline(), *process.environ().values()]
                alive = process.status() != psutil.STATUS_ZOMBIE
            except psutil.Error:
                continue
            if alive and any(str(folder) in word for word in words):
                found.append(" ".join(words)[:300])
        return found

    return living
