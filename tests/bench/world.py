"""The agreements of the bench: as many partners as asked for, each told by everybody, each reading two neighbours.

How many outboxes a fact goes to does not depend on how many partners there are, so that the cost of a message can be
compared between ten of them and a hundred.
"""

from pathlib import Path

from contracts.event import EventPublished

_AGREEMENT = """\
id = "{partner}"
status = "draft"
purposes = ["event_publication"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Büro", contact = "info@{partner}.example" }}
inbox = {{ contracts = ["{contract}"] }}
outbox = {{ contracts = ["{contract}"], partners = ["{left}", "{right}"] }}
"""

READERS = 2
"""Outboxes that each fact goes to, beside the analysts' stream."""


def names(partners: int) -> list[str]:
    """Return the ids of that many partners; at least three, or neighbours would be the same."""
    return [f"partner-{number:03}" for number in range(partners)]


def write(folder: Path, partners: int) -> list[str]:
    """Write their agreements into a folder; return their ids."""
    found = names(partners)
    folder.mkdir(exist_ok=True)
    for place, partner in enumerate(found):
        left, right = found[place - 1], found[(place + 1) % partners]
        text = _AGREEMENT.format(partner=partner, contract=EventPublished.type, left=left, right=right)
        (folder / f"{partner}.toml").write_text(text, encoding="utf-8")
    return found
