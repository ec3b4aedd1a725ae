"""What supervisord runs, as rows of data, and how they read in its configuration."""

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.ports import HOST


@dataclass(frozen=True, slots=True)
class Process:
    """One program that is kept running.

    Attributes:
        name: a word; its log is ``<name>.log``.
        command: program and arguments; no secrets, other users can read them.
        environment: what it gets beside the starter's own environment; may hold secrets.
        user: the system user to run it as; None is the present one.
        stop_signal: what stops it cleanly.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: str = "TERM"


def render(data: Path, processes: Iterable[Process], port: int, secret: str) -> str:
    """Return supervisord's configuration; it may hold secrets.

    Args:
        data: the data folder; logs go below it and are rotated.
        processes: what may run; none starts by itself.
        port: where supervisord answers on the loopback address.
        secret: its password for the user ``hub``.
    """
    logs, run = _text(data / "logs"), _text(data / "run")
    rows = [
        "[supervisord]",
        f"logfile={logs}/supervisord.log\nlogfile_maxbytes=10MB\nlogfile_backups=3\nchildlogdir={logs}",
        f"pidfile={run}/supervisord.pid\nsilent=true\numask=077",
        *(["user=root"] if os.geteuid() == 0 else []),
        f"[inet_http_server]\nport={HOST}:{port}\nusername=hub\npassword={secret}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]
    return "\n".join([*rows, *(_program(process, logs) for process in processes)]) + "\n"


def _program(process: Process, logs: str) -> str:
    environment = ",".join(f"{key}={_quoted(key, value)}" for key, value in process.environment.items())
    return "\n".join(
        [
            f"[program:{process.name}]",
            f"command={_command(process.command)}",
            f"environment={environment}",
            *([f"user={process.user}"] if process.user else []),
            f"stopsignal={process.stop_signal}\nstopwaitsecs=20\nstopasgroup=true\nkillasgroup=true",
            # For ever: a part that cannot start (its neighbour is away) is tried again, each time a second later.
            "autostart=false\nautorestart=true\nstartsecs=1\nstartretries=100000",
            f"redirect_stderr=true\nstdout_logfile={logs}/{process.name}.log",
            "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=3",
        ]
    )


def _text(value: object) -> str:
    return str(value).replace("%", "%%")  # supervisord expands %(names)s


def _command(words: Iterable[str]) -> str:
    # Blank and ; or # begin a comment, also between quotes: so the quotes are closed and opened between them.
    return _text(shlex.join(words)).replace(";", "'';").replace("#", "''#")


def _quoted(name: str, value: str) -> str:
    if _UNSPEAKABLE.search(value):
        raise ValueError(f"expected {name} without quotes, line breaks and ' ;' or ' #', supervisord cannot read it")
    return f'"{_text(value)}"'


_UNSPEAKABLE = re.compile(r"""["'\n\r]|\s[;#]""")
