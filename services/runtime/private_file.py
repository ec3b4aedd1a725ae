"""Files that nobody but their owner reads, replaced as a whole."""

import os
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write a file at once; nobody but its owner can read it, not even while it is being written."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
