"""Peer: quixstreams with ``processing_guarantee="exactly-once"``, checking the contract as the hub's door does.

It runs in an environment of its own (requirements-bench.lock), because it takes no newer pydantic than 2.13; the
function that checks is the same, and as fast there. It commits after as many messages as the hub takes at once; by its
default, every five seconds, readers would wait that long. Compression is the hub's.
"""

import os
import sys
from pathlib import Path
from typing import Any

from quixstreams import Application
from quixstreams.kafka import ConnectionConfig

from contracts.admission import Admitted, Message, admit
from contracts.agreement import Agreement
from contracts.agreements import load_agreements
from contracts.refusal import Refusal
from contracts.topics import partner_of

AT_ONCE = int(os.environ.get("BENCH_QUIX_COMMIT_EVERY", "5000"))
REFUSED = "refused"


def application(source: str, target: str, group: str) -> Application:
    """Assemble it; nothing is connected yet."""
    agreement = load_agreements(Path(os.environ["HUB_AGREEMENTS"]))[partner_of(source) or ""]
    app = Application(
        broker_address=_connection(),
        consumer_group=group,
        auto_offset_reset="earliest",
        auto_create_topics=False,
        processing_guarantee="exactly-once",
        commit_every=AT_ONCE,
        producer_extra_config={"compression.type": "zstd"},
        loglevel="WARNING",
    )
    inbox = app.topic(source, value_deserializer="bytes", key_deserializer="bytes")
    outputs = app.topic(target, value_serializer="bytes", key_serializer="bytes")
    dead = app.topic("bench.dead", value_serializer="bytes", key_serializer="bytes")
    judged = app.dataframe(inbox).apply(_judge(agreement), metadata=True).set_headers(_headers)
    judged.apply(_payload).to_topic(lambda _, __, ___, headers: dead if headers[0][0] == REFUSED else outputs)
    return app


def _judge(agreement: Agreement) -> Any:  # noqa: ANN401 - quixstreams' own callback
    def judge(value: bytes, key: bytes, _: int, headers: Any) -> Any:  # noqa: ANN401 - see above
        return admit(Message(key, value, headers or []), agreement)

    return judge


# One chain without branches: quixstreams copies what goes into a branch by pickle, which costs more than all the rest.
def _headers(verdict: Admitted | Refusal, *_: object) -> Any:  # noqa: ANN401 - see above
    return verdict.envelope.headers() if isinstance(verdict, Admitted) else [(REFUSED, str(verdict).encode())]


def _payload(verdict: Admitted | Refusal) -> bytes:
    return verdict.payload if isinstance(verdict, Admitted) else b""


def _connection() -> ConnectionConfig:
    secret = Path(os.environ["HUB_SECRETS"], "hub-admin").read_text(encoding="utf-8").strip()
    return ConnectionConfig(
        bootstrap_servers=os.environ["HUB_KAFKA"],
        security_protocol="sasl_plaintext",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_username="hub-admin",
        sasl_password=secret,
    )


if __name__ == "__main__":
    application(*sys.argv[1:]).run()
