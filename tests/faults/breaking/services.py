"""Breaking services from outside: they are killed, come and go, or lose the place where they were."""

import random
import time
from collections.abc import Callable
from functools import partial

from deploy import orderly
from services.operations.apply import placing
from services.runtime.kafka import Kafka
from tests.faults.checker.reading import committed
from tests.faults.rig import SERVICES, Rig, wait


def nothing(_: Rig, dice: random.Random) -> None:
    """Only the load, and the poison in it."""
    time.sleep(dice.uniform(1, 2))


def kill_a_service(rig: Rig, dice: random.Random) -> None:
    """SIGKILL to one service, whatever it does."""
    rig.kill(f"{dice.choice(SERVICES)}-1")
    time.sleep(dice.uniform(0.5, 2.5))


def stop_a_service(rig: Rig, dice: random.Random) -> None:
    """SIGTERM to one service, as at every update: it finishes the batch in hand, and is started again."""
    name = f"{dice.choice(SERVICES)}-1"
    rig.supervisor.halt([name])
    time.sleep(dice.uniform(0.0, 1.0))
    rig.supervisor.run(name)
    rig.await_ready(name)


def join_and_leave(rig: Rig, dice: random.Random) -> None:
    """A second instance of each service comes, and goes a second later."""
    second = f"{dice.choice(SERVICES)}-2"
    rig.supervisor.run(second)
    wait(lambda: bool(rig.pid(second)), second)
    time.sleep(dice.uniform(0.5, 3.0))
    rig.supervisor.halt([second])


def lose_offsets(rig: Rig, dice: random.Random) -> None:
    """A group's offsets are removed: its service must stand still and say so, until an operator says where it was."""
    service = dice.choice(SERVICES)
    name, group = f"{service}-1", f"hub.{service}"
    before = drop_offsets(rig, service, dice)
    rig.supervisor.run(name)
    wait(lambda: "committed offset" in str(rig.health(name)), f"{name} to say what is wrong")
    rig.supervisor.halt([name])
    for (topic, partition), offset in before.items():
        put = partial(placing.put, rig.site.settings(), group, topic, partition, offset)
        wait(partial(_works, put), f"{group} to be set in {topic}/{partition}")
    rig.supervisor.run(name)
    rig.await_ready(name)


def drop_offsets(rig: Rig, service: str, _: random.Random) -> dict[tuple[str, int], int]:
    """Stop a service, remove its group with all offsets, and return where it was."""
    group = f"hub.{service}"
    rig.supervisor.halt([f"{service}-1"])
    kafka = Kafka(rig.site.settings(), "hub-admin")
    before = orderly.loop(lambda: committed(kafka.access()))
    admin = kafka.administration(30)
    wait(
        lambda: _works(lambda: admin.delete_consumer_groups([group])[group].result(30)),
        f"{group} to be empty",
    )
    return {(topic, partition): offset for (of, topic, partition), offset in before.items() if of == group}


def _works(change: Callable[[], object]) -> bool:
    """Whether a group can be changed: it cannot while it waits for a member that was stopped."""
    try:
        change()
    except Exception:  # noqa: BLE001 - Kafka's clients have an exception each for it
        return False
    return True
