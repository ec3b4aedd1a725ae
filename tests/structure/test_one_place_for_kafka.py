import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "services" / "runtime"

# What makes a client or a subscriber. Administration (ACLs, users, topics) is not delivery: operations do that.
MAKERS = {
    "AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaClient", "KafkaBroker", "KafkaRouter", "Consumer", "Producer",
    "DeserializingConsumer", "SerializingProducer", "subscriber",
}  # fmt: skip


def _calls(source: str) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func
            names.append(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
    return [name for name in names if name in MAKERS]


def _modules() -> list[Path]:
    found = [path for top in ("contracts", "services", "flows", "deploy") for path in (ROOT / top).rglob("*.py")]
    return [path for path in found if RUNTIME not in path.parents]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_outside_the_runtime_makes_a_kafka_client(path: Path) -> None:
    """The libraries' defaults lose data; they are replaced in one place, so clients are made nowhere else."""
    assert _calls(path.read_text(encoding="utf-8")) == []


def test_the_search_finds_what_it_looks_for() -> None:
    """The check itself can fail: it sees clients made under a name and by a module's attribute, and decorators."""
    source = "import aiokafka\naiokafka.AIOKafkaProducer()\nKafkaBroker()\n@broker.subscriber('x')\ndef f(): ...\n"
    assert sorted(_calls(source)) == ["AIOKafkaProducer", "KafkaBroker", "subscriber"]
    assert _calls((RUNTIME / "kafka.py").read_text(encoding="utf-8"))
