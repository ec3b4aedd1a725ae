"""The folder of an export: an earlier one is replaced when the new one is whole, and nothing else ever is."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.operations.analysis.datapackage import FILE, NAME
from services.operations.errors import UsageError

_OWN = 0o700  # what is exported may be of more than one user's business, who reads it is not


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give a new folder beside the one meant, and put it in its place at the end; whatever fails, nothing changes.

    Raises:
        UsageError: the folder holds something else than an earlier export.
        OSError: the new one could not be put there.
    """
    folder = folder.resolve()
    if folder.exists() and not _may_go(folder):
        raise UsageError(
            f"expected an empty folder or an earlier export, {folder} is something else: name another one / "
            f"{folder} ist weder ein leerer Ordner noch ein früherer Export: einen anderen nennen"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
    new = beside / "new"
    try:
        new.mkdir(mode=_OWN)
        yield new
        _swap(folder, new, beside / "former")
    finally:
        shutil.rmtree(new, ignore_errors=True)
        with suppress(OSError):  # where a former export could not be put back, it is kept in there
            beside.rmdir()


def _swap(folder: Path, new: Path, former: Path) -> None:
    if folder.exists():
        folder.rename(former)
    try:
        new.rename(folder)
    except OSError:
        if former.exists():
            former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _may_go(folder: Path) -> bool:
    """Whether a folder is empty, or an export with nothing in it but the files that its own dictionary tells of."""
    if not folder.is_dir():
        return False
    own = _told(folder)
    found = {path.relative_to(folder) for path in folder.rglob("*")}
    return found <= own | {parent for path in own for parent in path.parents}


def _told(folder: Path) -> set[Path]:
    """Return the files that an export consists of as its dictionary tells; none where there is none, or another's."""
    try:
        package = json.loads((folder / FILE).read_bytes())
        files = {Path(FILE), *(Path(each["path"]) for each in package["resources"])}
        return files if package["name"] == NAME else set()
    except (OSError, ValueError, TypeError, KeyError):
        return set()
