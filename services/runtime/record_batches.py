"""How fetched bytes become records, where aiokafka's own way would let one batch of a partner stop its inbox.

It decodes the names of headers strictly while it unpacks: a record with a name that is no UTF-8 can neither be
delivered nor stepped over. The Java client replaces what it cannot decode; so do we, in a second reading of that batch.

And it decompresses without a limit: half a megabyte of zstd may hold sixteen gigabytes, or a hundred million records. A
batch of more than `LARGEST_BATCH` bytes or `MOST_RECORDS` records becomes one hollow record, refused like any other.
"""

import mmap
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LARGEST_BATCH = 64 * 1024 * 1024
"""Bytes of one batch when decompressed. The largest that an honest client sends are a few megabytes."""

HOLLOW = "hollow"
"""The checksum by which a consumer's record shows that it is hollow; other records of version 2 have none."""

MOST_RECORDS = 100_000
"""Records of one batch. Ten times as many as an honest client sends, and still taken in a second."""

_KEPT = 4 * 1024 * 1024  # bytes of memory that stay for the next batch: what honest clients send is smaller

_OFFSET_AND_LENGTH = struct.Struct(">qi")  # how every record batch begins; the length counts what follows it
_COUNT = struct.Struct(">57xi")  # how many records a batch holds
_HEADER_BYTES = 61  # of a batch of version 2; what follows may be compressed


@dataclass(frozen=True, slots=True)
class _Codec:
    """How far a codec can shrink its input at the most, and its decompression into a buffer."""

    ratio: int
    decompress_into: Callable[[memoryview, mmap.mmap], int]


_CODECS: Mapping[int, _Codec] = {  # Snappy cannot shrink its input by more than 22
    DefaultRecordBatch.CODEC_GZIP: _Codec(1_032, cramjam.gzip.decompress_into),
    DefaultRecordBatch.CODEC_LZ4: _Codec(255, cramjam.lz4.decompress_into),
    DefaultRecordBatch.CODEC_ZSTD: _Codec(32_768, cramjam.zstd.decompress_into),
}


def read_any_batch() -> None:
    """Let every consumer of this process read such batches. Done once or often, it is the same."""
    fetcher.MemoryRecords = _Records


class _Records:
    """Implements what aiokafka's fetcher asks of ``MemoryRecords``: the batches of one fetched partition."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched, self._start = memoryview(fetched), 0
        self._strict = MemoryRecords(fetched)
        self.has_next, self.size_in_bytes = self._strict.has_next, self._strict.size_in_bytes

    def next_batch(self) -> "_Batch":
        _, length = _OFFSET_AND_LENGTH.unpack_from(self._fetched, self._start)
        start, self._start = self._start, self._start + _OFFSET_AND_LENGTH.size + length
        return _Batch(self._strict.next_batch(), self._fetched[start : self._start])


class _Batch:
    """One batch; its attributes are those of aiokafka's."""

    def __init__(self, strict: Any, content: memoryview) -> None:  # noqa: ANN401 - aiokafka ships no types
        self._strict, self._content = strict, content

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - see above
        return getattr(self._strict, name)

    def __next__(self) -> Any:  # noqa: ANN401 - see above
        return next(self._strict)

    def __iter__(self) -> Iterator[Any]:
        if not self._bounded():
            return iter(
                [_Hollow(self._strict.next_offset - 1, self._strict.max_timestamp, self._strict.timestamp_type)]
            )
        try:
            return iter(list(self._strict))
        except UnicodeDecodeError:
            return iter(_Lenient(self._content))

    def _bounded(self) -> bool:
        (records,) = _COUNT.unpack_from(self._content)
        codec = _CODECS.get(self._strict.compression_type)
        return records <= MOST_RECORDS and (codec is None or _fits(codec, self._content[_HEADER_BYTES:]))


def _fits(codec: _Codec, compressed: memoryview) -> bool:
    if len(compressed) * codec.ratio <= LARGEST_BATCH:
        return True
    written = None
    with suppress(cramjam.DecompressionError):
        written = codec.decompress_into(compressed, _room(LARGEST_BATCH))
    if written is None or written > _KEPT:
        _room.cache_clear()
    return written is not None


@cache
def _room(size: int) -> mmap.mmap:
    """A buffer of which only what was written takes memory; to have it anew took longer than to fill it."""
    return mmap.mmap(-1, size)


@dataclass(frozen=True, slots=True)
class _Hollow:
    """Stands for a whole batch that is not unpacked, at the place of its last record."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: None = None
    value: None = None
    headers: tuple[()] = ()
    checksum: str = HOLLOW


class _Lenient(_DefaultRecordBatchPy):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's reader in Python, over bytes that decode whatever they are."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Decodable(self._buffer)


class _Decodable(bytearray):
    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401 - a number gives a number, a slice gives bytes
        found = super().__getitem__(index)
        return _Decodable(found) if isinstance(index, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:  # noqa: ARG002 - never strict
        return super().decode(encoding, "replace")
