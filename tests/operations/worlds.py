"""Agreements, states of a cluster and the hub command, for the tests of the operations."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from contracts.agreement import Agreement
from contracts.agreements import parse_agreement
from services.operations.apply.actual import Actual
from services.operations.apply.desired import Desired
from services.operations.hub import main
from services.runtime.settings import Settings

ROOT = Path(__file__).parents[2]

PLAIN = """
id = "{0}"
status = "signed"
purposes = ["event_publication"]
name = {{ de = "{0}", en = "{0}" }}
owner = {{ unit = "Büro", contact = "info@{0}.example" }}
inbox = {{ contracts = ["de.lernende-stadt.event.published.v1"], partitions = 2 }}
outbox = {{ contracts = ["de.lernende-stadt.event.published.v1"] }}
"""

CONNECTED = (
    PLAIN
    + """
connector = {{ kind = "caldav", directions = ["pull", "push"], interval = 60, settings.url = "https://{0}.example/" }}
"""
)


def agreed(*names: str, text: str = PLAIN) -> dict[str, Agreement]:
    """Agreements of some partners."""
    return {name: parse_agreement(text.format(name), Path(f"{name}.toml")) for name in names}


def as_desired(desired: Desired) -> Actual:
    """A cluster that is as desired."""
    return Actual(
        topics=desired.topics,
        replication=dict.fromkeys(desired.topics, desired.replication),
        users=desired.users | {"hub-admin", "hub-broker"},
        acls=desired.acls,
        foreign_acls=frozenset(),
        cursors=desired.cursors,
        ends={(cursor.topic, cursor.partition): 0 for cursor in desired.cursors},
    )


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that a command reads."""
    told = settings.model_dump(mode="json", exclude_none=True)
    return {f"HUB_{name.upper()}": str(value) for name, value in told.items()}


def hub(
    *arguments: str, settings: Settings | None = None, more: Mapping[str, str] | None = None, answer: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the hub command as a program of its own."""
    given = _alone({**(environment(settings) if settings else {}), **(more or {})})
    command = [sys.executable, "-m", "services.operations.hub", *arguments]
    return subprocess.run(  # noqa: S603 - our own command
        command, env=given, cwd=ROOT, input=answer, capture_output=True, text=True, check=False, timeout=60
    )


def hub_inside(*arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run it inside this process, where no program of its own has to load everything first."""
    out, err = StringIO(), StringIO()
    with (
        patch.object(sys, "argv", ["hub", *arguments]),
        patch.dict(os.environ, _alone(more or {}), clear=True),
        chdir(ROOT),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), err.getvalue())


def _alone(given: Mapping[str, str]) -> dict[str, str]:
    """An environment in which no other hub is named."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {**plain, **given, "COLUMNS": "200"}
