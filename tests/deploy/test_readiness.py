import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import ports, readiness, stack
from deploy.readiness import NotReadyError, kafka_answers
from deploy.site import Site
from services.runtime.settings import Settings


def test_a_kafka_elsewhere_that_nobody_reaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for less than ten seconds, not as long as one that starts here; nothing was started before."""
    limits: list[float] = []

    def wait(_: Callable[[], bool], __: Callable[[], None], what: str, limit_s: float = readiness.STARTS_S) -> None:
        limits.append(limit_s)
        raise NotReadyError(what)

    monkeypatch.setattr(stack, "wait_until", wait)
    with pytest.raises(NotReadyError, match=r"kafka at 127\.0\.0\.1:1"):
        stack.Stack(Site(data=tmp_path / "data", kafka="127.0.0.1:1"), ("kafka",)).up()
    assert len(limits) == 1
    assert limits[0] < 10
    assert not (tmp_path / "data" / "run").exists()


def test_one_broker_of_several_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first address is silent the next one is asked."""
    monkeypatch.setattr(readiness, "_works", lambda _: True)
    with socket.create_server((ports.HOST, 0)) as broker:
        port = broker.getsockname()[1]
        both = Settings(agreements=tmp_path, secrets=tmp_path, kafka=f"127.0.0.1:1,127.0.0.1:{port}")
        assert kafka_answers(both)
    assert not kafka_answers(both)
