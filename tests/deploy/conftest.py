"""What a stack left behind, and Ctrl-C at the worst moment."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C whenever a program runs already and its starter has no handle of it yet."""

    class Started(subprocess.Popen[Any]):
        def __init__(self, *words: Any, **options: Any) -> None:  # noqa: ANN401 - whatever Popen takes
            super().__init__(*words, **options)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Started)
