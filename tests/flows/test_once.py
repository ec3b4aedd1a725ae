"""A run by hand: nobody at a terminal waits for a Kafka that is not there."""

import asyncio
import socket
from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES
from flows import once
from flows.once import UnreachableError, run_once
from services.runtime.settings import Settings
from services.runtime.timeouts import REACH_S


def settings(folder: Path, address: str) -> Settings:
    """A hub whose Kafka is at that address; its PostgreSQL is nowhere."""
    (folder / "hub-flows").write_text("secret")
    return Settings(agreements=EXAMPLES, secrets=folder, kafka=address, postgres="postgresql://hub@127.0.0.1:1/hub")


async def test_nobody_there_is_told_before_anything_else(tmp_path: Path) -> None:
    """The address, the principal and what to look at; neither source nor database was asked."""
    with pytest.raises(UnreachableError, match=r"Kafka at 127\.0\.0\.1:1 as hub-flows .* see that Kafka runs"):
        await run_once(settings(tmp_path, "127.0.0.1:1"), "stadt-gelsenkirchen", "pull")


async def test_somebody_who_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection without an answer ends by the clock, which stands below ten seconds."""
    assert REACH_S < 10
    monkeypatch.setattr(once, "REACH_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="came TimeoutError: see that it runs"):
            async with asyncio.timeout(30):
                await run_once(settings(tmp_path, address), "lernwerkstatt-rotthausen", "push")
