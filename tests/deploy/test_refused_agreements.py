"""A wrong connector is refused before anything starts, by everything that reads agreements."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.few import few

PROGRAMS = (  # the other services and commands read agreements in the same way as one of these
    "services.operations.hub up",
    "services.operations.hub apply --check",
    "services.operations.hub pull stadt-gelsenkirchen",
    "flows.runner",
    "services.intake",
)
MISTAKES = {'kind = "caldav"': 'kind = "carldav"', 'folder = "': 'foldr = "'}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_connector_stops_the_start(tmp_path: Path, program: str) -> None:
    """The program ends at once, says file, line and what to write instead, and has made nothing."""
    places = []
    for copy in few(tmp_path / "agreements").glob("*.toml"):
        text = copy.read_text(encoding="utf-8")
        for right, wrong in MISTAKES.items():
            text = text.replace(right, wrong)
        copy.write_text(text, encoding="utf-8")
        lines = enumerate(text.splitlines(), 1)
        places += [f"{copy}:{n}: expected " for n, line in lines if any(each in line for each in MISTAKES.values())]
    assert len(places) == len(MISTAKES)
    own = {"HUB_DATA": "data", "HUB_AGREEMENTS": str(tmp_path / "agreements"), "HUB_SECRETS": "data/secrets"}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-m", *program.split()],
        env={**plain, **own, "HUB_KAFKA": "127.0.0.1:1", "HUB_POSTGRES": "postgresql://hub@127.0.0.1:1/hub"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert [place for place in places if place not in done.stderr] == [], done.stdout + done.stderr
    assert done.stderr.count("; write ") >= len(places)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()
