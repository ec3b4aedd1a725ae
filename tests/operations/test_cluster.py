"""What a command says of a Kafka that does not answer, or does not want to."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from services.operations.cluster import Cluster
from services.operations.errors import AwayError, RefusesError

RESOLVE, DOWN = KafkaError._RESOLVE, KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001 - librdkafka's own errors are named so
SILENT, FORBIDDEN = KafkaError._TRANSPORT, KafkaError.GROUP_AUTHORIZATION_FAILED  # noqa: SLF001 - see above


class Kafka:
    """A cluster that answers everything with one error; the client's complaints are heard when it is polled."""

    settings = SimpleNamespace(kafka="kafka.example:9092")
    principal = "hub-operator"

    def __init__(self, answer: int, *complaints: tuple[int, str]) -> None:
        """Answer so."""
        self._answer, self._complaints = answer, complaints
        self.patience: list[float] = []

    def administration(self, _: int, heard: Callable[[Any], None]) -> Any:  # noqa: ANN401 - as the real one
        """Return the client."""
        self._heard = heard
        return self

    def list_topics(self, timeout: float) -> None:
        """Answer."""
        self.patience.append(timeout)
        raise KafkaException(KafkaError(self._answer))

    def poll(self, _: float) -> None:
        """Hear what was complained of."""
        for code, text in self._complaints:
            self._heard(KafkaError(code, text))


def cluster(kafka: Kafka) -> Cluster:
    """The cluster as a command sees it."""
    return Cluster(kafka)  # type: ignore[arg-type] # what it needs of one


def test_nobody_there_is_told_with_the_reason() -> None:
    """Address, principal, what the client complained of, and what to look at; the least telling complaint is left."""
    kafka = Kafka(SILENT, (RESOLVE, "Failed to resolve 'kafka.example:9092'"), (DOWN, "1/1 brokers are down"))
    with pytest.raises(AwayError, match=r"example:9092 as hub-operator, got none: Failed to resolve .* HUB_KAFKA"):
        cluster(kafka).topics()


@pytest.mark.parametrize("ask", [Cluster.topics, Cluster.brokers])
def test_nobody_there_is_told_within_ten_seconds(ask: Callable[[Cluster], object]) -> None:
    """The first question of every command waits for less than ten seconds, and leaves time for the start."""
    kafka = Kafka(SILENT)
    with pytest.raises(AwayError):
        ask(cluster(kafka))
    assert max(kafka.patience) < 10


def test_a_refusal_is_told_with_what_to_do() -> None:
    """Missing rights are no silence: what Kafka said, and the command that gives them; never an error's innards."""
    with pytest.raises(RefusesError, match=r"as hub-operator to do what was asked, it said: .*'hub apply'") as refused:
        cluster(Kafka(FORBIDDEN)).topics()
    assert "KafkaError{" not in str(refused.value)
    assert (refused.value.exit_code, refused.value.code) == (3, FORBIDDEN)
