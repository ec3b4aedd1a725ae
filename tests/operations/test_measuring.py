from pathlib import Path

import pytest

from services.operations import database
from services.operations.errors import AwayError
from services.operations.status import measuring
from services.runtime.settings import Settings


@pytest.mark.parametrize(("kafka", "stopped"), [("127.0.0.1:1", True), ("kafka.example:9092", False)])
async def test_a_stopped_hub_says_how_it_is_started(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kafka: str,
    stopped: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """Where all that 'hub up' starts is away, that is what to do; servers of one's own are not started by it."""

    async def gone(*_: object) -> None:
        raise AwayError("see that it runs")

    for where, name in ((measuring, "_kafka"), (measuring, "_prefect"), (database, "runs")):
        monkeypatch.setattr(where, name, gone)
    settings = Settings(kafka=kafka, postgres="postgresql://hub@127.0.0.1:1/hub", agreements=tmp_path, secrets=tmp_path)
    _, rows = await measuring.measure(settings, {})
    assert [row.todo.startswith("the hub is stopped: start it with 'hub up'") for row in rows] == [stopped] * 3
