"""Finds where a module could make a Kafka client or subscriber of its own, whatever name it gives to it."""

import ast
from collections.abc import Iterator

# What may be imported of the libraries: words and answers, nothing that connects.
WORDS = {
    "aiokafka": {"ConsumerRecord", "TopicPartition"},
    "aiokafka.errors": {"KafkaError"},
    "confluent_kafka": {
        "ConsumerGroupTopicPartitions", "IsolationLevel", "KafkaError", "KafkaException", "TopicPartition",
        "admin",  # rights, users and topics in its words; its client is one of the makers below
    },
    "faststream": set(),
}  # fmt: skip
# What makes clients, under the names that the runtime's modules hold it, too.
MAKERS = {
    "AIOKafkaClient", "AIOKafkaConsumer", "AIOKafkaProducer", "AdminClient", "Consumer", "KafkaBroker", "make_broker",
    "subscribe", "subscriber",
}  # fmt: skip
_LIBRARIES = {name.partition(".")[0] for name in WORDS}


def ways(source: str) -> list[str]:
    """List the ways to a client in a module's source, each as the line and what stands there."""
    if not any(word in source for word in _LIBRARIES | MAKERS):
        return []  # most modules, told in no time
    found = ((node, way) for node in _at_run_time(ast.parse(source)) for way in _ways(node))
    return [f"line {getattr(node, 'lineno', 0)}: {way}" for node, way in found]


def _ways(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (f"import {each.name}" for each in names if _is_library(each.name))
        case ast.ImportFrom(str(module), names, level=0):
            free = WORDS.get(module, set()) if _is_library(module) else {each.name for each in names} - MAKERS
            yield from (f"from {module} import {each.name}" for each in names if each.name not in free)
        case ast.Attribute(_, name) | ast.Constant(str(name)) if name in MAKERS:
            yield name
        case ast.Call(called, [ast.Constant(str(module)), *_]) if _is_library(module):
            if not (isinstance(called, ast.Attribute) and called.attr == "getLogger"):
                yield f"{ast.unparse(called)}({module!r})"


def _is_library(module: str) -> bool:
    return module.partition(".")[0] in _LIBRARIES


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through what runs: a name that only type checkers import cannot be called."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for other in child.orelse:
                yield from _at_run_time(other)
        else:
            yield from _at_run_time(child)
