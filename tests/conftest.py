"""Real parts for the tests marked ``real``: one Kafka and one PostgreSQL per session, started when first asked for.

And how many examples a property is tried with: as many as CI needs, or fewer with ``--hypothesis-profile=quick``.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

settings.register_profile(
    "full",
    max_examples=300,
    deadline=None,  # the machine may be busy
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],  # facts are large
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=20)
settings.load_profile("full")


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


@pytest.fixture(autouse=True)
def _settled(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect what a test on real parts leaves: aiokafka keeps a fenced producer's error in a future nobody awaits.

    Its late death, in the middle of compiling the next test module, has ended a whole session with a SystemError.
    """
    yield
    if request.node.get_closest_marker("real"):
        gc.collect()
