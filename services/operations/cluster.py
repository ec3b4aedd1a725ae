"""The way to Kafka's administration, and what an answer that never comes is told as."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException

from services.operations.errors import AwayError
from services.runtime.kafka import Kafka
from services.runtime.silence import SILENCE

TIMEOUT = 10  # seconds for one answer


class Cluster:
    """The cluster as seen and changed by one principal.

    Every method raises `AwayError` where Kafka does not answer, and `KafkaException` where it refuses.
    """

    def __init__(self, kafka: Kafka, timeout: int = TIMEOUT) -> None:
        """Prepare a client that waits ``timeout`` seconds for an answer; nothing is connected yet."""
        self._timeout = timeout
        self._where = f"Kafka at {kafka.settings.kafka} as {kafka.principal}"
        self._told = told = list[str]()
        self.admin = kafka.administration(timeout, lambda error: told.append(str(error)))

    def brokers(self) -> int:
        """Count the brokers."""
        return len(self._answer(lambda: self.admin.list_topics(timeout=self._timeout)).brokers)

    def topics(self) -> dict[str, Any]:
        """Return what the principal may see of the topics, Kafka's own left out."""
        seen = self._answer(lambda: self.admin.list_topics(timeout=self._timeout)).topics
        return {name: topic for name, topic in seen.items() if not name.startswith("__")}

    def result(self, future: Future[Any]) -> Any:  # noqa: ANN401 - each call has its own answer
        """Wait for one answer of the administration client."""
        return self._answer(lambda: future.result(self._timeout + 5))

    def _answer(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - each call has its own answer
        try:
            return ask()
        except (KafkaException, TimeoutError) as error:
            said: Any = error.args[0] if error.args else None
            if isinstance(error, KafkaException) and said.code() not in SILENCE:
                raise
            reason = self._told[-1] if self._told else str(error)
            raise AwayError(
                f"expected an answer of {self._where}, got none: {reason}. See that it runs and that HUB_KAFKA and the "
                "secret of this principal are right"
            ) from None
