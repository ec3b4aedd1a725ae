"""On what it was measured. No name of a machine, no user, no path."""

import os
import platform
import subprocess
import timeit
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
PACKAGES = ("aiokafka", "asyncpg", "faststream", "pydantic", "uvloop")


def machine() -> dict[str, object]:
    """Return date, commit, processor, memory, load, how long a turn of an empty loop takes, and versions.

    The turn tells days apart: on a machine that is shared, the same processor may be several times slower.
    """
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load_before": round(os.getloadavg()[0], 2),
        "python_turn_ns": _turn(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _turn(turns: int = 1_000_000) -> int:
    return round(min(timeit.repeat(number=turns, repeat=5)) / turns * 1e9)


def _commit() -> str:
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
