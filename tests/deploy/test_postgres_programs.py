import subprocess
from pathlib import Path

import pytest

from deploy import postgres_programs
from deploy.postgres import Server, render


@pytest.mark.real
def test_unreachable_programs_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the account cannot reach the installed programs (a checkout in root's home), a copy by the data works."""
    monkeypatch.setattr(postgres_programs, "account", lambda: "nobody")
    monkeypatch.setattr(postgres_programs, "reachable", lambda _: False)
    copy = postgres_programs.programs(tmp_path)
    assert tmp_path in copy.parents
    told = subprocess.run([copy / "initdb", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert "18" in told


def test_only_throw_away_servers_forget(tmp_path: Path) -> None:
    """A server that lasts never turns fsync off; none logs a row or a statement."""
    lasting, fleeting = (Server(1, tmp_path, tmp_path, durable=durable) for durable in (True, False))
    assert "fsync" not in render(lasting)
    assert "fsync = 'off'" in render(fleeting)
    assert "log_error_verbosity = 'terse'" in render(lasting)
