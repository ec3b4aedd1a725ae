"""Which input partitions of a group share a producer: always the same ones, whoever owns them."""

from zlib import crc32


def shard_of(topic: str, number: int, shards: int) -> int:
    """Return the shard of a partition: those of one topic take turns, topics begin anywhere."""
    return (crc32(topic.encode()) + number) % shards
