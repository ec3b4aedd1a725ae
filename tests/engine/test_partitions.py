import pytest

from contracts.admission import Message
from services.runtime.engine import kafka_delivery
from services.runtime.engine.delivery import Output

# What org.apache.kafka.common.utils.UtilsTest expects of murmur2.
OF_JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
}


class _Producer:
    async def partitions_for(self, topic: str) -> set[int]:
        return set(range(7)) if topic == "seven" else {0}


@pytest.mark.parametrize("key", OF_JAVA)
async def test_a_key_goes_where_the_java_client_sends_it(key: bytes) -> None:
    """Order holds per key whoever writes: partners' clients, former releases and the hub agree on its partition."""
    outputs = [Output(topic, Message(key, b"", [])) for topic in ("seven", "one")]
    expected = {("seven", (OF_JAVA[key] & 0x7FFFFFFF) % 7), ("one", 0)}
    assert set(await kafka_delivery._by_partition(_Producer(), outputs)) == expected  # noqa: SLF001 - the one place


async def test_what_has_no_key_has_a_partition_too() -> None:
    """No output of the hub lacks a key today; one that did would not stop its batch."""
    assert len(await kafka_delivery._by_partition(_Producer(), [Output("seven", Message(None, b"", []))])) == 1  # noqa: SLF001 - see above
