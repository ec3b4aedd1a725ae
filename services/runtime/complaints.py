"""What to do about a complaint of Kafka's client: one row a kind, the first match counts."""

from aiokafka import errors

REMEDIES: tuple[tuple[tuple[type[errors.KafkaError], ...], str], ...] = (
    (
        (
            errors.TopicAuthorizationFailedError,
            errors.GroupAuthorizationFailedError,
            errors.TransactionalIdAuthorizationFailed,
            errors.ClusterAuthorizationFailedError,
        ),
        "access rights are missing: run 'hub apply'",
    ),
    ((errors.UnknownTopicOrPartitionError,), "a topic is missing: run 'hub apply'"),
    (
        (errors.ProducerFenced, errors.InvalidProducerEpoch),
        "somebody else gave the same command just now: look what is left, and give it again",
    ),
    ((errors.KafkaError,), "see that Kafka runs, and that HUB_KAFKA is its address"),
)


def remedy(error: errors.KafkaError) -> str:
    """Return what an operator does."""
    return next(text for kinds, text in REMEDIES if isinstance(error, kinds))
