"""What a partner is told of its refused messages: of each dead letter one rejection, to the partner it is of."""

import json
from collections import Counter

from tests.faults.checker.evidence import Evidence, Findings, Row


def rejections(evidence: Evidence, found: Findings) -> None:
    """Compare ``hub.rejections`` with the dead letters: each answered once, to its partner, with its rule."""
    sources = {_name(row.topic, row.partition, row.offset): row.source for row in evidence.submitted}
    wanted = {name: (_partner(name, sources), rule) for name, rule in map(_buried, evidence.letters)}
    told = [json.loads(row.value) for row in evidence.rejections]
    times = Counter(each["letter"] for each in told)
    found.lost += [f"rejection of {name}" for name in wanted if not times[name]]
    found.doubled += [f"rejection of {name}" for name, often in times.items() if often > 1]
    for each in told:
        answer = each["partner"], each["rule"]
        if wanted.get(each["letter"]) != answer:
            found.wrong.append(f"rejection of {each['letter']} says {answer}, not {wanted.get(each['letter'])}")


def _partner(name: str, sources: dict[str, str]) -> str:
    """Say whose message it was: it lay in the partner's inbox, or the hub had stamped where it came from."""
    return name.split(".")[1] if name.startswith("partner.") else sources.get(name, "")


def _buried(letter: Row) -> tuple[str, str]:
    place = letter.text("dl_topic"), int(letter.text("dl_partition")), int(letter.text("dl_offset"))
    return _name(*place), letter.text("dl_rule")


def _name(topic: str, partition: int, offset: int) -> str:
    return f"{topic}/{partition}/{offset}"
