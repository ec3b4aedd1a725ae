"""Real parts for the tests marked ``real``: one Kafka and one PostgreSQL per session, started when first asked for.

And how many examples a property is tried with: as many as CI needs, or fewer with ``--hypothesis-profile=quick``.
"""

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

hypothesis.settings.register_profile(
    "full",
    max_examples=300,
    deadline=None,  # the machine may be busy
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],  # facts are large
)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("full"), max_examples=20)
hypothesis.settings.load_profile("full")

if sys.version_info < (3, 11, 8):
    # There a parser that is interrupted by another one ends in a SystemError, and with it the whole session (CPython's
    # issue 106905). What interrupts it is a traceback told by a dying object or in another thread: it parses each line
    # to find what to underline. So nothing is underlined.
    traceback._extract_caret_anchors_from_line_segment = lambda _: None  # noqa: SLF001 - no public way


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Real Kafka (SCRAM, default deny) and real PostgreSQL on free ports in a temporary folder; nothing is applied.

    ``stack.site.settings()`` are the hub's settings against it, ``stack.site.environment()`` the same as variables.
    """
    with temporary(parts.FOUNDATION) as running:
        yield running


@pytest.fixture(scope="session")
def settings(stack: Stack) -> Settings:
    """The hub's settings against the real parts; every principal of the example agreements has its secret file.

    Only ``hub-admin`` exists in Kafka: a test makes the users, topics and ACLs it needs, under names of its own.
    """
    return stack.site.settings()


@pytest.fixture(scope="session")
def secrets(stack: Stack) -> Path:
    """The folder of the secret files."""
    return stack.site.secrets


@pytest.fixture
def kafka(settings: Settings) -> Kafka:
    """Kafka as its administrator: what a service or a flow may do is another test's question."""
    return Kafka(settings, "hub-admin")
