from collections.abc import Mapping

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.runtime.engine.delivery import Partition
from services.runtime.engine.stalls import LIMIT, Stalls

PLACE = Partition("hub.intake", "partner.stadt.inbox", 0)


class _Input:
    """A partition with records up to ``end``, read up to ``position``."""

    def __init__(self) -> None:
        self.end, self.position, self.owned, self.away = 10, 0, True, False

    def positions(self) -> Mapping[Partition, int]:
        return {PLACE: self.position} if self.owned else {}

    async def ends(self) -> Mapping[Partition, int]:
        if self.away:
            raise ConnectionError("somewhere")
        return {PLACE: self.end}


def _metric() -> float | None:
    labels = {"group": PLACE.group, "position": str(PLACE)}
    return REGISTRY.get_sample_value("hub_partition_stalled", labels)


async def _looked(source: _Input, *moments: float, stalls: Stalls | None = None) -> Stalls:
    stalls = stalls or Stalls(source.positions, source.ends)
    for moment in moments:
        await stalls.look(moment)
    return stalls


async def test_a_partition_that_stands_still_is_told() -> None:
    """Records wait and none is taken for longer than the limit: health, metric and log say so, once."""
    with capture_logs() as logs:
        stalls = await _looked(_Input(), 0, LIMIT - 1)
        assert stalls.told() == {}
        await _looked(_Input(), LIMIT, LIMIT + 5, stalls=stalls)
    assert stalls.told() == {str(PLACE): f"10 records wait, none was taken for {LIMIT + 5:.0f} s"}
    assert _metric() == 1
    assert [line["event"] for line in logs] == ["partition_stalls"]


@pytest.mark.parametrize("change", [{"position": 1}, {"position": 10}, {"owned": False}])
async def test_a_partition_that_goes_on_is_told(change: dict[str, int]) -> None:
    """One record taken, all of them, or the partition given to another instance: nothing stands still any more."""
    source = _Input()
    stalls = await _looked(source, 0, LIMIT)
    for name, value in change.items():
        setattr(source, name, value)
    with capture_logs() as logs:
        await _looked(source, LIMIT + 5, stalls=stalls)
    assert stalls.told() == {}
    assert _metric() == 0
    assert [line["event"] for line in logs] == ["partition_goes_on"]


async def test_an_input_without_records_does_not_stand_still() -> None:
    """Where nothing waits, nothing needs to be taken, for however long."""
    source = _Input()
    source.position = source.end
    assert (await _looked(source, 0, LIMIT, 10 * LIMIT)).told() == {}


async def test_silence_of_kafka_is_no_good_news() -> None:
    """While nobody knows whether records wait, the partition counts as standing still after the same time."""
    source = _Input()
    source.position, source.away = source.end, True
    stalls = await _looked(source, 0, LIMIT)
    assert "Kafka does not say" in stalls.told()[str(PLACE)]
