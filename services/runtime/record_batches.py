"""How fetched bytes become records when a header's name is no UTF-8.

aiokafka decodes the names strictly while it unpacks, so one such record would stop its whole partition: it can be
neither delivered nor stepped over. The Java client replaces what it cannot decode; so do we. Only a batch that aiokafka
refuses is unpacked a second time, by its slower reader in Python.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_OFFSET_AND_LENGTH = struct.Struct(">qi")  # how every record batch begins; the length counts what follows it


def read_any_header_name() -> None:
    """Let every consumer of this process read such records. Done once or often, it is the same."""
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
        try:
            return iter(list(self._strict))
        except UnicodeDecodeError:
            return iter(_Lenient(self._content))


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
