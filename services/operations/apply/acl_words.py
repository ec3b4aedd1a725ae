"""Rights in the words of Kafka's administration client."""

from collections.abc import Iterable
from typing import Any

from confluent_kafka import admin as kafka_admin

from services.operations.apply.grants import Acl

_ALLOW = kafka_admin.AclPermissionType.ALLOW
_RESOURCES = {
    "topic": kafka_admin.ResourceType.TOPIC,
    "group": kafka_admin.ResourceType.GROUP,
    "transactional_id": kafka_admin.ResourceType["TRANSACTIONAL_ID"],
    "cluster": kafka_admin.ResourceType.BROKER,  # librdkafka's name for the cluster
}
_RESOURCE_NAMES = {kind: name for name, kind in _RESOURCES.items()}
_LITERAL, _PREFIXED = kafka_admin.ResourcePatternType.LITERAL, kafka_admin.ResourcePatternType.PREFIXED

_words: Any = kafka_admin  # the types published for this client know no filter without names
EVERY: Any = _words.AclBindingFilter(
    kafka_admin.ResourceType.ANY,
    None,
    kafka_admin.ResourcePatternType.ANY,
    None,
    None,
    kafka_admin.AclOperation.ANY,
    _ALLOW,  # what forbids takes nothing away from the agreements: an operator may set it in an emergency
)
"""The question for every right there is."""


def binding(acl: Acl, kind: type[Any] = kafka_admin.AclBinding) -> Any:  # noqa: ANN401 - a binding or the filter for it
    """Say a right, or with ``AclBindingFilter`` the question for exactly this right."""
    return kind(
        _RESOURCES[acl.resource],
        acl.name,
        _PREFIXED if acl.prefix else _LITERAL,
        f"User:{acl.principal}",
        acl.host,
        kafka_admin.AclOperation[acl.operation.upper()],
        _ALLOW,
    )


def read(bindings: Iterable[Any]) -> list[Acl]:
    """Understand what the broker lists."""
    return [
        Acl(
            principal=found.principal.removeprefix("User:"),
            operation=found.operation.name.lower(),
            resource=_RESOURCE_NAMES.get(found.restype, found.restype.name.lower()),
            name=found.name,
            prefix=found.resource_pattern_type is _PREFIXED,
            host=found.host,
        )
        for found in bindings
    ]
