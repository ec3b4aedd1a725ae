import pytest
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.record_batches import _Records
from tests.engine.streams import batch_with_header_name


@given(name=st.binary(min_size=1, max_size=40))
def test_any_header_name_is_read(name: bytes) -> None:
    """Whatever bytes a name has, all records of all batches come out, in order, the name as far as it is text."""
    fetched = bytes(batch_with_header_name(b"plain", b"a").build()) + bytes(batch_with_header_name(name, b"b").build())
    records, values, names = _Records(fetched), [], []
    while records.has_next():
        for record in records.next_batch():
            values.append(record.value)
            names += [header for header, _ in record.headers]
    assert values == [b"a0", b"a1", b"a2", b"b0", b"b1", b"b2"]
    assert names == ["plain", "none", name.decode(errors="replace"), "none"]


def test_the_client_itself_still_cannot() -> None:
    """Why this exists: when this fails, aiokafka reads such names and ``record_batches`` may go."""
    records = MemoryRecords(bytes(batch_with_header_name(b"\xf6", b"a").build()))
    with pytest.raises(UnicodeDecodeError):
        list(records.next_batch())
