from pathlib import Path

import pytest

from tests.structure.kafka_clients import ways

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "services" / "runtime"
MODULES = [path for top in ("contracts", "services", "flows", "deploy") for path in (ROOT / top).rglob("*.py")]


def test_no_module_outside_the_runtime_can_make_a_kafka_client() -> None:
    """The libraries' defaults lose data; they are replaced in one place, so clients are made nowhere else."""
    outside = [path for path in MODULES if RUNTIME not in path.parents]
    found = [f"{path.relative_to(ROOT)}: {way}" for path in outside for way in ways(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from aiokafka import AIOKafkaProducer as P\nP()",
        "import aiokafka\nP = aiokafka.AIOKafkaProducer\nP()",
        "import aiokafka as k\nk.AIOKafkaConsumer()",
        "import aiokafka.client",
        "from aiokafka.client import AIOKafkaClient",
        "from aiokafka.errors import *",
        "from aiokafka import *",
        "import aiokafka\ngetattr(aiokafka, 'AIOKafkaProducer')()",
        "import importlib\nimportlib.import_module('aiokafka').AIOKafkaProducer()",
        "from importlib import import_module as load\nload('aiokafka.consumer')",
        "__import__('aiokafka')",
        "from confluent_kafka import Consumer, KafkaException",
        "from confluent_kafka import admin as a\na.AdminClient({})",
        "from confluent_kafka import admin\ngetattr(admin, 'AdminClient')({})",
        "from confluent_kafka.admin import AdminClient as A",
        "import confluent_kafka as c\nc.Producer({})",
        "from faststream.kafka import KafkaBroker",
        "from faststream import FastStream",
        "import faststream.kafka as f\nf.KafkaRouter()",
        "def f():\n    from aiokafka import AIOKafkaConsumer",
        "try:\n    import aiokafka\nexcept ImportError: ...",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING: ...\nelse:\n    import aiokafka",
        "from services.runtime.kafka import AIOKafkaProducer as P\nP()",
        "from services.runtime import kafka\nkafka.Consumer()",
        "from services.runtime import kafka\nvars(kafka)['AIOKafkaProducer']()",
        "from services.runtime.broker import make_broker",
        "@broker.subscriber('x')\ndef f(): ...",
    ],
)
def test_a_way_to_a_client_is_found(source: str) -> None:
    """Whatever name a client is given, and whatever way it is come by."""
    assert ways(source)


@pytest.mark.parametrize(
    "source",
    [
        "from aiokafka import TopicPartition\nfrom aiokafka.errors import KafkaError",
        "from confluent_kafka import admin as a\na.NewTopic('x')",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from aiokafka import AIOKafkaConsumer",
        "import logging\nlogging.getLogger('aiokafka')",
        "from services.runtime.kafka import Kafka\nKafka(settings, 'hub-x').consumer()",
        "from importlib import import_module\nimport_module('flows.pushing.push')",
        "from .aiokafka import x",
    ],
)
def test_words_of_the_libraries_are_free(source: str) -> None:
    """Names of topics, errors and rights, and types for annotations alone, connect to nothing."""
    assert ways(source) == []


def test_the_runtime_itself_would_be_found() -> None:
    """The search is in earnest: it finds the one place where clients are made."""
    assert ways((RUNTIME / "kafka.py").read_text(encoding="utf-8"))
