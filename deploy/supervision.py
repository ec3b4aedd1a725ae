"""supervisord, the process manager of one data folder, asked over XML-RPC on the loopback address."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError
from xmlrpc.client import Fault, ProtocolError, ResponseError, ServerProxy

from deploy import ports
from deploy.halting import State, halt
from deploy.interruption import undisturbed
from deploy.passwords import password, write_private
from deploy.process import Process, render

DEAD = ("BACKOFF", "EXITED", "FATAL", "UNKNOWN")
# The last three: somebody else has the port of a supervisord that crashed. Their texts would show its password.
GONE = (OSError, HTTPException, ProtocolError, ResponseError, ExpatError)


class Supervisor:
    """The supervisord of one data folder, running or not."""

    def __init__(self, data: Path) -> None:
        """Name the data folder; nothing happens yet."""
        self._data = data
        self._run = data / "run"
        self._configuration = self._run / "supervisord.conf"
        self._leash: subprocess.Popen[bytes] | None = None

    def log(self, name: str) -> Path:
        """Return a process's log."""
        return self._data / "logs" / f"{name}.log"

    def start(self, processes: Iterable[Process], *, leashed: bool) -> None:
        """Start supervisord with no process running yet, in a session of its own (Ctrl-C reaches the starter alone).

        Args:
            processes: what it may run.
            leashed: it ends when the present process does.
        """
        for folder in (self._run, self._data / "logs"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (port,) = ports.free(1)
        (self._run / "control").unlink(missing_ok=True)  # the old one may have been told to whoever had the old port
        secret = password(self._run, "control")
        write_private(self._configuration, render(self._data, processes, port, secret))
        write_private(self._run / "address", f"http://hub:{secret}@{ports.HOST}:{port}/RPC2\n")
        module = "deploy.leash" if leashed else "supervisor.supervisord"
        # Undisturbed: interrupted after it runs and before it has a name here, nobody would stop it.
        with self.log("supervisord-start").open("wb") as output, undisturbed():
            self._leash = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, "-n", "-c", str(self._configuration)],
                stdin=subprocess.PIPE if leashed else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ended(self) -> int | None:
        """Return the exit code of the supervisord that this object started; None while it runs."""
        return self._leash.poll() if self._leash else None

    def answers(self) -> bool:
        """Whether supervisord is there."""
        try:
            self._call("getPID")
        except Fault:  # it is ending
            return True
        except GONE:
            return False
        return True

    def states(self) -> dict[str, State]:
        """Return the state of every process by name; empty where no supervisord answers, or one that is ending."""
        try:
            rows = self._call("getAllProcessInfo")
        except (Fault, *GONE):
            return {}
        return {row["name"]: State(row["statename"], row["pid"], row["start"]) for row in rows}

    def run(self, name: str) -> None:
        """Start one process; it is not waited for."""
        self._call("startProcess", name, False)  # noqa: FBT003 - XML-RPC knows positions only

    def halt(self, names: Iterable[str]) -> None:
        """Stop processes at the same time and wait until they are gone."""
        with suppress(*GONE):
            halt(self._call, self.states, names)

    def shutdown(self) -> None:
        """Stop everything that still runs, then supervisord; return when it is gone."""
        pid = self._leash.pid if self._leash else 0
        try:
            pid = int(self._call("getPID"))
            self._call("shutdown")
        except (Fault, *GONE):  # it is ending, does not answer yet, or is gone already
            if self._leash:
                self._leash.terminate()
        if self._leash:
            self._leash.wait()
        while (pid and _alive(pid)) or self.answers():
            time.sleep(0.05)
        with suppress(NotADirectoryError):
            (self._run / "address").unlink(missing_ok=True)

    def _call(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever supervisord answers
        try:
            address = (self._run / "address").read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            raise ConnectionError("no process manager was started in this data folder") from error
        with ServerProxy(address) as proxy:
            return getattr(proxy.supervisor, name)(*arguments)


def _alive(pid: int) -> bool:
    with suppress(ChildProcessError):  # a child of ours, started through another object, stays until it is asked for
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
