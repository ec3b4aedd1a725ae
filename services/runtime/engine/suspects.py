"""Which topics are to blame for a transaction that failed: told by the fate of their batches."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from aiokafka import errors

_REFUSALS = (  # what a broker says of one topic, whoever asks
    errors.InvalidTopicError,
    errors.MessageSizeTooLargeError,
    errors.NotEnoughReplicasError,
    errors.NotEnoughReplicasAfterAppendError,
    errors.PolicyViolationError,
    errors.RecordListTooLargeError,
    errors.TopicAuthorizationFailedError,
    errors.UnknownTopicOrPartitionError,
)


def failure(future: asyncio.Future[Any]) -> BaseException | None:
    """Return what became of a batch that Kafka did not take; None for one that it took."""
    return future.exception() if future.done() else TimeoutError()


def suspects(failures: Mapping[str, BaseException], taken: Collection[str]) -> set[str]:
    """Return the topics whose own fault it is: those that refused, else those that are silent while others are not."""
    refused = {topic for topic, error in failures.items() if isinstance(error, _REFUSALS)}
    silent = {topic for topic, error in failures.items() if isinstance(error, TimeoutError | errors.KafkaTimeoutError)}
    return refused or (silent if taken else set())
