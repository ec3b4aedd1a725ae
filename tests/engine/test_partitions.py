import pytest

from services.runtime.engine.outgoing import number_for

# What org.apache.kafka.common.utils.UtilsTest expects of murmur2.
OF_JAVA = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
}


@pytest.mark.parametrize("key", OF_JAVA)
def test_a_key_goes_where_the_java_client_sends_it(key: bytes) -> None:
    """Order holds per key whoever writes: partners' clients, former releases and the hub agree on its partition."""
    assert number_for(key, 7) == (OF_JAVA[key] & 0x7FFFFFFF) % 7
    assert number_for(key, 1) == 0


def test_what_has_no_key_has_a_partition_too() -> None:
    """No output of the hub lacks a key today; one that did would not stop its batch."""
    assert number_for(None, 7) in range(7)
