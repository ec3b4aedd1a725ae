"""What only some machines allow: a disk so small that it can be filled, and a clock that can be stepped for some."""

import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

_FAKETIME = ("/usr/lib", "libfaketimeMT.so.1")  # of Debian's package "faketime"
_SIZE = "300m"


def small_disk(ending: ExitStack, place: Path) -> Path | None:
    """Mount a small disk at a new folder for the time of the run; None where that is not allowed."""
    mount = shutil.which("mount")
    place.mkdir(parents=True)
    words = [str(mount), "-t", "tmpfs", "-o", f"size={_SIZE},mode=0777", "tmpfs", str(place)]
    if mount is None or subprocess.run(words, capture_output=True, check=False).returncode:  # noqa: S603
        return None
    ending.callback(subprocess.run, [str(shutil.which("umount")), "-l", str(place)], capture_output=True, check=False)
    return place


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; return what must be removed to empty it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            return ballast
    return ballast


def clock(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose clock follows the file ``clock``; empty where there is no such library.

    The clock that only goes forward is left alone, as it is by a real step.
    """
    top, name = _FAKETIME
    found = next(Path(top).glob(f"*/faketime/{name}"), None)
    if found is None:
        return {}
    file = folder / "clock"
    file.write_text("+0")
    return {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
