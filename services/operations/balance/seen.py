"""What a count for the balance has seen, record by record. Pure."""

from collections import Counter
from collections.abc import Mapping

from aiokafka import ConsumerRecord

from contracts.closing import Closing, read_closing
from contracts.dead_letter import DeadLetter, read_dead_letter
from contracts.envelope import partner_of as partner_of_source
from contracts.registry import CONTRACTS, STREAMS
from contracts.topics import CLOSINGS, DEAD_LETTERS, partner_of, submitted
from services.operations.balance.accounts import Counted


class Seen:
    """Takes the records of inboxes, of what was submitted, of dead letters and of closings, in any order."""

    def __init__(self, waits: Mapping[tuple[str, int], int]) -> None:
        """Take the offset in each partition from which on records wait."""
        self._waits = waits
        self._accepted, self._waiting = Counter[str](), Counter[str]()
        self._letters: dict[str, DeadLetter] = {}  # by id: what is buried twice is one dead letter
        self._closings: dict[tuple[str, str], Closing] = {}  # by partner and letter: the latest
        self._again: set[tuple[str, str]] = set()  # partner and letter of the copies in inboxes; more of one are new

    def take(self, record: ConsumerRecord) -> None:
        """Count one record."""
        if record.topic == DEAD_LETTERS:
            letter = read_dead_letter(record.value, record.headers)
            if letter.direction == "inbound" and letter.service in ("intake", *STREAMS) and not letter.only_heard:
                self._letters[letter.id] = letter  # neither a push nor an entry never pulled: an inbox accepted it
        elif record.topic == CLOSINGS:
            closing = read_closing(record.value)
            self._closings[closing.partner, closing.letter] = closing
        else:
            self._take_message(record)

    def counted(self, tally: Mapping[tuple[str, str], int], expired: frozenset[str]) -> Counted:
        """Return the counts; a copy counts for its letter only where an operator redrove that letter."""
        redriven = {place for place, closing in self._closings.items() if closing.how == "redriven"}
        accepted = self._accepted - Counter(partner for partner, _ in self._again & redriven)
        ended = Counter((letter.partner, self._how(letter)) for letter in self._letters.values())
        open_, discarded = (_of(ended, how) for how in ("", "discarded"))
        return Counted(accepted, self._waiting, open_, tally, expired, discarded)

    def _how(self, letter: DeadLetter) -> str:
        closing = self._closings.get((letter.partner, letter.id))
        return closing.how if closing and closing.covers(letter.time) else ""

    def _take_message(self, record: ConsumerRecord) -> None:
        sender = partner_of(record.topic)
        partner: str = sender or partner_of_source(_header(record, "ce_source"))
        if sender is None and not _own(record):
            return
        self._waiting[partner] += record.offset >= self._waits.get((record.topic, record.partition), 0)
        if sender is None:
            return
        self._accepted[partner] += 1
        if letter := _header(record, "ce_redriveof"):
            self._again.add((partner, letter))


def _own(record: ConsumerRecord) -> bool:
    """Whether a submitted record is of the stream's own: what a service hears of others waits for nobody."""
    contract = CONTRACTS.get(_header(record, "ce_type"))
    return contract is None or (submitted(contract.stream) == record.topic and not contract.by_hub)


def _header(record: ConsumerRecord, wanted: str) -> str:
    return next((value.decode(errors="replace") for name, value in record.headers if name == wanted and value), "")


def _of(ended: Mapping[tuple[str, str], int], wanted: str) -> dict[str, int]:
    return {partner: number for (partner, how), number in ended.items() if how == wanted}
