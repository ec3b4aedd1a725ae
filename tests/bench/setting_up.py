"""What the stage is made of: one real Kafka, one real PostgreSQL, the hub's own service processes.

They are set up as ``hub up`` does it, with one difference, the same for all: Kafka does not force each write to the
disk by itself, which is its own default. PostgreSQL does.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from contracts.agreements import load_agreements
from deploy import parts, ports
from deploy.ports import PORTS
from deploy.process import Process
from deploy.site import Site
from deploy.stack import Stack
from deploy.temporary import emptied
from tests.bench import topics, world
from tests.bench.stage import Stage

NAMELESS = ("intake-a", "intake-b")


@contextmanager
def set_up(partners: int) -> Iterator[Stage]:
    """Start everything in a temporary folder; at the end no process, port or file of it is left."""
    with ExitStack() as ending:
        folder = emptied(ending, "bench-")
        world.write(folder / "agreements", partners)
        numbers = dict(zip(PORTS, ports.free(len(PORTS)), strict=True))
        site = Site(data=folder / "data", agreements=folder / "agreements", ports=numbers)
        stack = Stack(site, (*parts.FOUNDATION, *parts.SERVICES), more=map(partial(_nameless, site), NAMELESS))
        ending.callback(stack.down)
        stack.up()
        stack.supervisor.halt(parts.SERVICES)
        stage = Stage(stack)
        topics.leave_flushing_to_the_system(stage.cluster)
        topics.make(stage.cluster, load_agreements(site.agreements))
        yield stage


def _nameless(site: Site, name: str) -> Process:
    """Return intake under another name in the process manager and none in its group: one that stops has left it."""
    own = parts.process(site, "intake")
    return replace(
        own,
        name=name,
        environment={**own.environment, "HUB_HTTP_PORT": "0", "HUB_INSTANCE": "", "HUB_SHARDS": str(len(NAMELESS))},
    )
