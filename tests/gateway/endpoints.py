"""A partner's endpoint as tests use it: started, killed, asked what came, each call verified by the library."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook

from deploy import ports

PROGRAM = Path(__file__).with_name("receiver.py")


@dataclass(frozen=True)
class Call:
    """One call as it came, and what was answered."""

    id: str
    status: int
    event: dict[str, Any]
    headers: dict[str, str]
    body: str

    @property
    def accepted(self) -> bool:
        """Whether it was answered with 2xx."""
        return self.status < 300


@dataclass
class Receiver:
    """The endpoint of one partner on a port of its own."""

    folder: Path
    port: int = field(default_factory=lambda: ports.free(1)[0])
    secret: str = ""
    program: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it is called."""
        return f"http://127.0.0.1:{self.port}/hub?of=1"

    @property
    def noted(self) -> Path:
        """Where it notes what came."""
        return self.folder / f"{self.port}.jsonl"

    def start(self, *answers: tuple[int, dict[str, str], float]) -> None:
        """Run it; the first calls are answered as given."""
        given = [str(self.port), str(self.noted), json.dumps(answers)]
        self.program = subprocess.Popen([sys.executable, str(PROGRAM), *given])  # noqa: S603 - our own program

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self.program is not None:
            self.program.kill()
            self.program.wait()
            self.program = None

    def calls(self) -> list[Call]:
        """Return what came; each call must be signed with the partner's secret, or the library raises."""
        lines = self.noted.read_text(encoding="utf-8").splitlines() if self.noted.exists() else []
        found = []
        for line in map(json.loads, lines):
            event = Webhook(self.secret).verify(line["body"], line["headers"])
            found.append(Call(line["headers"]["webhook-id"], line["status"], event, line["headers"], line["body"]))
        return found

    def accepted(self) -> list[str]:
        """Return the ids of the events that were accepted, in the order in which they came."""
        return [call.event["id"] for call in self.calls() if call.accepted]
