"""A partner's own software at the hub's HTTP door: it sends facts and reads its outbox, by a key of its own."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from contracts.envelope import now
from deploy.demo.witness import HubCommand

BATCH = "application/cloudevents-batch+json"
PATIENCE = 60.0  # seconds: the door opens beside the story


class HttpDoor:
    """Asks for a key when it is first needed."""

    def __init__(self, hub: HubCommand, partner: str, address: str) -> None:
        """Know the hub's command, the partner's id, and where the door is: ``http://127.0.0.1:8106``."""
        self._hub, self._partner, self._address, self._key = hub, partner, address, ""

    def send(self, facts: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Send facts as one batch, by contract; on return Kafka has them.

        Raises:
            OSError: the door does not open, or refuses them.
        """
        moment = now()
        batch = [
            {
                "specversion": "1.0",
                "id": f"{moment}/{number}",
                "type": f"de.lernende-stadt.{name}.v1",
                "time": moment,
                "data": body,
            }
            for number, (name, body) in enumerate(facts)
        ]
        self._ask("/v1/facts", json.dumps(batch).encode())

    def outbox(self) -> list[dict[str, Any]]:
        """Read the whole outbox."""
        found: list[dict[str, Any]] = json.loads(self._ask("/v1/outbox?limit=1000"))
        return found

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        until = time.monotonic() + PATIENCE
        self._key = self._key or self._hub.lines("key", "add", self._partner)[0]
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": BATCH}
        request = urllib.request.Request(self._address + path, body, headers)  # noqa: S310 - our own address
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > until:  # noqa: PLR2004 - a part is on its way
                    raise
            except OSError:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)
