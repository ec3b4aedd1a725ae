"""Breaking what the services rest on: Kafka nodes and PostgreSQL."""

import random
import time

from deploy import orderly
from services.runtime.kafka import Kafka
from tests.faults.database import connected
from tests.faults.rig import NODES, Rig, wait

_NOTICED = 5  # seconds, or the cluster would still say that all is well


def kill_a_broker(rig: Rig, dice: random.Random) -> None:
    """SIGKILL to one Kafka node; the next comes after all copies are in step again."""
    rig.kill(dice.choice(NODES))
    time.sleep(_NOTICED)
    await_in_step(rig)


def restart_all_brokers(rig: Rig, _: random.Random) -> None:
    """All Kafka nodes are stopped and started."""
    rig.supervisor.halt(NODES)
    for node in NODES:
        rig.supervisor.run(node)
    await_in_step(rig)


def kill_postgres(rig: Rig, dice: random.Random) -> None:
    """SIGKILL to PostgreSQL."""
    rig.kill("postgres")
    rig.await_postgres()
    time.sleep(dice.uniform(0.5, 1.5))


def cut_postgres_sessions(rig: Rig, dice: random.Random) -> None:
    """PostgreSQL ends the connections of everybody."""

    async def cut() -> None:
        async with connected(rig.site.settings()) as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where pid <> pg_backend_pid() and usename = 'hub'"
            )

    orderly.loop(cut)
    time.sleep(dice.uniform(0.5, 1.5))


def await_in_step(rig: Rig) -> None:
    """Wait until every partition has all its copies, in step."""
    rig.await_kafka()
    admin = Kafka(rig.site.settings(), "hub-admin").administration(30)

    def in_step() -> bool:
        partitions = [p for topic in admin.list_topics(timeout=30).topics.values() for p in topic.partitions.values()]
        return all(len(p.isrs) == len(p.replicas) for p in partitions)

    wait(in_step, "all copies to be in step")
