"""How the administration client says that nobody answered it, in contrast to an answer that is a refusal."""

from confluent_kafka import KafkaError

SILENCE = frozenset(
    {
        KafkaError._TRANSPORT,  # noqa: SLF001 - librdkafka's own errors are all named so
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._TIMED_OUT,  # noqa: SLF001
        KafkaError._AUTHENTICATION,  # noqa: SLF001
        KafkaError.REQUEST_TIMED_OUT,
    }
)
