"""What the pages count: derived from what they speak of."""

from pathlib import Path

from contracts.agreements import EXAMPLES, load_agreements
from deploy.few import few
from deploy.parts import SERVICES
from deploy.ports import PORTS
from services.operations.apply.desired import TOPICS, desired

ROOT = Path(__file__).parents[2]
DESIGN = (ROOT / "docs/design.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "docs/for-operators.md").read_text(encoding="utf-8")

SAID = {
    "hub.deadletter": "dead letters",
    "hub.rejections": "rejections",
    "hub.closings": "closings of dead letters",
    "hub.backfills": "backfills",
    "hub.reveals": "who looked at dead letters",
}
"""What the table calls a topic that it does not name."""


def counted(folder: Path) -> tuple[int, int]:
    """Count topics and access rights of a hub with these agreements."""
    found = desired(load_agreements(folder), brokers=1)
    return len(found.topics), len(found.acls)


def test_topics_and_rights_are_as_many_as_the_design_says(tmp_path: Path) -> None:
    """Of all examples, and of the few."""
    (topics, rights), (fewer, less) = counted(EXAMPLES), counted(few(tmp_path / "few"))
    assert f"{topics} topics and {rights} access rights instead of {fewer} and {less}" in " ".join(DESIGN.split())


def test_every_kept_topic_is_in_the_table() -> None:
    """The design says how long each is kept."""
    table = DESIGN.partition("## Retention")[2]
    names = [row.name for row in TOPICS if row.name.startswith("hub.") and "{" not in row.name]
    assert names
    assert [name for name in names if SAID.get(name, name) not in table] == []


def test_every_service_has_its_port_in_the_table() -> None:
    """Operators look there."""
    assert [name for name in SERVICES if f"{name} {PORTS[name]}" not in OPERATORS] == []
