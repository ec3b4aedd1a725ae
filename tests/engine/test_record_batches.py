import pytest
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from services.runtime import record_batches
from services.runtime.record_batches import _Records
from tests.engine.streams import batch_with_header_name, compressed_batch


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


@pytest.mark.parametrize(
    "codec", [DefaultRecordBatch.CODEC_GZIP, DefaultRecordBatch.CODEC_LZ4, DefaultRecordBatch.CODEC_ZSTD]
)
def test_a_batch_that_holds_too_much_is_hollow(codec: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too large when decompressed is one record without content at its last place; what fits is read."""
    monkeypatch.setattr(record_batches, "LARGEST_BATCH", 1_000_000)
    small, large = (bytes(compressed_batch(codec, size).build()) for size in (900_000, 1_000_000))
    records = _Records(small + large)
    assert [len(record.value) for record in records.next_batch()] == [900_000, 1]
    assert [(record.offset, record.value, record.checksum) for record in records.next_batch()] == [(1, None, "hollow")]


@given(codec=st.sampled_from([0, 1, 2, 3, 4]), size=st.integers(0, 300_000))
def test_what_fits_is_read_whatever_its_codec(codec: int, size: int) -> None:
    """The limit changes nothing for honest batches, compressed or not."""
    found = list(_Records(bytes(compressed_batch(codec, size).build())).next_batch())
    assert [record.value for record in found] == [bytes(size), b"1"]


def test_a_batch_of_too_many_records_is_hollow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of empty records fit into little: more than the limit are one record without content."""
    monkeypatch.setattr(record_batches, "MOST_RECORDS", 2)
    records = _Records(bytes(batch_with_header_name(b"x", b"v").build()) + bytes(compressed_batch(0, 9).build()))
    assert [(record.offset, record.checksum) for record in records.next_batch()] == [(2, "hollow")]
    assert [record.value for record in records.next_batch()] == [bytes(9), b"1"]
