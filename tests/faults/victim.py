"""A service as it is, with points at which it can be made to die: ``python -m tests.faults.victim intake-1``.

Environment: ``FAULTS_TRAPS``, the folder of traps; ``FAULTS_SESSION_MS``, how long a silent instance is waited for;
a file ``<service>.without`` in the folder of traps names a protection that is taken away.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from services.runtime import timeouts


def main() -> None:
    """Run a service."""
    process = sys.argv[1]
    service = process.rpartition("-")[0]
    timeouts.SESSION_TIMEOUT_MS = int(os.environ["FAULTS_SESSION_MS"])  # before anybody derives from it
    from services.runtime.service import run  # noqa: PLC0415
    from tests.faults.mutants import MUTANTS  # noqa: PLC0415
    from tests.faults.traps import Traps  # noqa: PLC0415
    from tests.faults.watch import watch  # noqa: PLC0415

    traps = Traps(Path(os.environ["FAULTS_TRAPS"]))
    if without := traps.without(service):
        MUTANTS[without]()
    watch(process, service, traps)
    run(import_module(f"services.{service}.__main__").SERVICE)


if __name__ == "__main__":
    main()
