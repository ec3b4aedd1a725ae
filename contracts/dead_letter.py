"""A message that could not be taken, as it lies in ``hub.deadletter``: original bytes as value, reasons as headers."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from contracts.admission import Message
from contracts.envelope import Headers
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS, STREAMS
from contracts.wording import Wording

Direction = Literal["inbound", "push", "pull"]
_DIRECTIONS: dict[str, Direction] = {"inbound": "inbound", "push": "push", "pull": "pull"}
_PREFIX = "dl_"
_ORIGINAL = "original_"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter.

    ``topic``, ``partition`` and ``offset`` say where the message lay; together they are its id, so that the same
    input record never dies twice. ``direction``: inbound (into the hub), push (into a partner system) or pull (an entry
    of a partner system that became no message: ``topic`` is then `entry_of` its name, ``@`` and a hash of its bytes).
    """

    partner: str
    direction: Direction
    service: str
    topic: str
    partition: int
    offset: int
    refusal: Refusal
    time: str
    original: Message
    correlation: str = ""
    contract: str = ""

    @property
    def only_heard(self) -> bool:
        """Whether the service only heard of a fact that holds elsewhere: no partner has to do anything about it."""
        contract = CONTRACTS.get(self.contract)
        return self.service in STREAMS and contract is not None and contract.stream != self.service

    @property
    def id(self) -> str:
        """``<topic>/<partition>/<offset>``."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    def message(self) -> Message:
        """As a Kafka message: key is the partner, value and headers of the original are kept whole."""
        about = {
            "id": self.id,
            "partner": self.partner,
            "direction": self.direction,
            "service": self.service,
            "topic": self.topic,
            "partition": str(self.partition),
            "offset": str(self.offset),
            "rule": self.refusal.rule,
            "place": self.refusal.place,
            "expected": self.refusal.expected.en,
            "expected_de": self.refusal.expected.de,
            "time": self.time,
            "correlation": self.correlation,
            "contract": self.contract,
            "key": "" if self.original.key is None else self.original.key.hex(),
            "keyed": "" if self.original.key is None else "1",
            "empty": "1" if self.original.value is None else "",
        }
        headers = [(_PREFIX + name, value.encode()) for name, value in about.items() if value]
        headers += [(_ORIGINAL + name, value) for name, value in self.original.headers]
        return Message(self.partner.encode(), self.original.value, headers)


def entry_of(source_id: str) -> str:
    """Return how listings, ids and tables call an entry of a partner's system: its own name may be a person's.

    ``source/<twelve hex digits of its SHA-256>``. Who may know the name finds it by this among what is refused now.
    """
    return f"source/{hashlib.sha256(source_id.encode(errors='backslashreplace')).hexdigest()[:12]}"


def read_dead_letter(value: bytes | None, headers: Headers) -> DeadLetter:
    """Read one back.

    Raises:
        KeyError: the message is no dead letter of ours: a header is missing.
    """
    about = _named(headers, _PREFIX)
    kept = [(name.removeprefix(_ORIGINAL), raw) for name, raw in headers if name.startswith(_ORIGINAL)]
    key = bytes.fromhex(about.get("key", "")) if about.get("keyed") else None
    return DeadLetter(
        partner=about["partner"],
        direction=_DIRECTIONS[about["direction"]],
        service=about["service"],
        topic=about["topic"],
        partition=int(about["partition"]),
        offset=int(about["offset"]),
        refusal=Refusal(about["rule"], about["place"], _expected(about)),
        time=about["time"],
        original=Message(key, None if about.get("empty") else value or b"", kept),
        correlation=about.get("correlation", ""),
        contract=about.get("contract", ""),
    )


def _expected(about: Mapping[str, str]) -> Wording:
    """Return the reason; letters of before it was told in German have it in English alone."""
    return Wording(en=about["expected"], de=about.get("expected_de", about["expected"]))


def _named(headers: Iterable[tuple[str, bytes]], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value.decode() for name, value in headers if name.startswith(prefix)}
