"""The way to Kafka's administration, and what an answer that never comes is told as."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from services.operations.errors import AwayError, RefusesError
from services.runtime.kafka import Kafka
from services.runtime.silence import SILENCE
from services.runtime.timeouts import REACH_S

TIMEOUT = 10  # seconds for one answer


class Cluster:
    """The cluster as seen and changed by one principal.

    Every method raises `AwayError` where Kafka does not answer, and `RefusesError` where it refuses.
    """

    def __init__(self, kafka: Kafka, timeout: int = TIMEOUT) -> None:
        """Prepare a client that waits ``timeout`` seconds for an answer; nothing is connected yet."""
        self._timeout = timeout
        self._where = f"Kafka at {kafka.settings.kafka} as {kafka.principal}"
        self._told = told = list[str]()
        self.admin = kafka.administration(timeout, partial(_hear, told))

    def brokers(self) -> int:
        """Count the brokers."""
        return len(self._seen().brokers)

    def topics(self) -> dict[str, Any]:
        """Return what the principal may see of the topics, Kafka's own left out."""
        return {name: topic for name, topic in self._seen().topics.items() if not name.startswith("__")}

    def result(self, future: Future[Any]) -> Any:  # noqa: ANN401 - each call has its own answer
        """Wait for one answer of the administration client."""
        return self._answer(lambda: future.result(self._timeout + 5))

    def _seen(self) -> Any:  # noqa: ANN401 - librdkafka's metadata
        return self._answer(lambda: self.admin.list_topics(timeout=min(self._timeout, REACH_S)))

    def _answer(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - each call has its own answer
        try:
            return ask()
        except (KafkaException, TimeoutError) as error:
            said: Any = error.args[0] if error.args else None
            if isinstance(error, KafkaException) and said.code() not in SILENCE:
                raise RefusesError(
                    f"expected {self._where} to do what was asked, it said: {said.str()}. If it lacks topics or access "
                    "rights, run 'hub apply'",
                    said.code(),
                ) from None
            self.admin.poll(0)  # only now is heard what the client complained of meanwhile
            reason = self._told[-1] if self._told else "nothing was heard of it"
            raise AwayError(
                f"expected an answer of {self._where}, got none: {reason}. See that it runs and that HUB_KAFKA and the "
                "secret of this principal are right"
            ) from None


def _hear(told: list[str], error: Any) -> None:  # noqa: ANN401 - librdkafka's error
    if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - it says less than what comes before it
        told.append(error.str())
