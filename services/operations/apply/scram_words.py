"""Users in the words of Kafka's administration client, and how one is locked out.

A user is never deleted. Kafka 4.4 that starts from a log in which one was deleted may let nobody in any more: it goes
through the users in the order of a hash, and if the deleted one comes first, all that follow go into a list that nobody
reads. So who is to go gets a password that nobody knows. A number of iterations that nobody else would choose tells the
next plan; it is written together with the password, so that neither is ever there without the other.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from confluent_kafka import admin as kafka_admin

_SHA_256 = kafka_admin.ScramMechanism.SCRAM_SHA_256
_OPEN = 8_192  # iterations; passwords are random, so this need not be slow
LOCKED = 4_099
"""Iterations of a locked user. Kafka takes 4,096 to 16,384."""


def opened(name: str, secret: str) -> Any:  # noqa: ANN401 - see Cluster.admin
    """Say that a user comes in by this password, whether or not there was such a user."""
    return _entry(name, _OPEN, secret)


def locked(name: str) -> Any:  # noqa: ANN401 - see Cluster.admin
    """Say that a user comes in no more."""
    return _entry(name, LOCKED, secrets.token_urlsafe(32))


def read(users: Mapping[str, Any]) -> frozenset[str]:
    """Return who comes in by SCRAM-SHA-256, of those that the broker lists: the hub makes and locks no other users."""
    return frozenset(name for name, user in users.items() if any(map(_opens, user.scram_credential_infos)))


def _opens(info: Any) -> bool:  # noqa: ANN401 - see Cluster.admin
    return bool(info.mechanism is _SHA_256 and info.iterations != LOCKED)


def _entry(name: str, iterations: int, secret: str) -> Any:  # noqa: ANN401 - see Cluster.admin
    info = kafka_admin.ScramCredentialInfo(_SHA_256, iterations)
    return kafka_admin.UserScramCredentialUpsertion(name, info, secret.encode())
