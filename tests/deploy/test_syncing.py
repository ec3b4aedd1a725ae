import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import typer
from typer.testing import CliRunner

from contracts.agreements import EXAMPLES
from deploy import syncing
from flows import once
from flows.report import Finding, RunReport
from services.operations.errors import OperationError, UsageError


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[typer.Typer]:
    """The two commands; the log is afterwards as it was."""
    former, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for name in ("HUB_AGREEMENTS", "HUB_SECRETS"):
        monkeypatch.setenv(name, "/nowhere")
    app = typer.Typer()
    app.command("pull")(syncing.pull)
    app.command("push")(syncing.push)
    yield app
    structlog.configure(**former)
    root.handlers[:] = handlers
    root.setLevel(level)


def runs(monkeypatch: pytest.MonkeyPatch, report: RunReport) -> list[bool]:
    """Let every run give this report; what was asked for is collected."""
    asked: list[bool] = []

    async def run_once(*_: object, accept_shrinkage: bool) -> RunReport:
        asked.append(accept_shrinkage)
        structlog.get_logger("flows").info("run_ended")
        structlog.get_logger("flows").warning("shrinkage_accepted")
        return report

    monkeypatch.setattr(once, "run_once", run_once)
    return asked


def test_a_pull_prints_its_table_alone(hub: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output holds the table; the log goes to standard error, and only what one should know."""
    asked = runs(monkeypatch, RunReport("vhs", "pull", read=3))
    done = CliRunner().invoke(hub, ["pull", "vhs", "--accept-shrinkage"])
    assert done.exit_code == 0
    assert asked == [True]
    assert done.stdout.splitlines()[1].split() == ["read", "3"]
    assert "shrinkage_accepted" in done.stderr
    assert "shrinkage_accepted" not in done.stdout
    assert "run_ended" not in done.output


def test_a_held_pull_is_a_problem(hub: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts see by the exit code that nothing was withdrawn, people read how many would be."""
    runs(monkeypatch, RunReport("vhs", "pull", held=[Finding("vhs:1", "", "held: …"), Finding("vhs:2", "", "held: …")]))
    done = CliRunner().invoke(hub, ["pull", "vhs"])
    assert isinstance(done.exception, OperationError)
    assert "2 object(s) would vanish" in str(done.exception)


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_nobody_is_told_as_by_every_other_command(
    hub: typer.Typer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, direction: str
) -> None:
    """A mistyped partner is answered with the ids there are, before anything is asked."""
    for name, value in {"DATA": tmp_path, "AGREEMENTS": EXAMPLES, "SECRETS": tmp_path}.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))
    done = CliRunner().invoke(hub, [direction, "nobody"])
    assert isinstance(done.exception, UsageError)
    assert str(done.exception).startswith("expected the id of a partner, came 'nobody': write one of fachhochschule-")
