"""Breaking the machine: a disk that is full, a clock that is stepped. Not every machine allows it."""

import random
import time

from tests.faults.breaking.parts import await_in_step
from tests.faults.harshness import fill
from tests.faults.rig import Rig

_HOUR = 3_600


def fill_the_disk(rig: Rig, _: random.Random) -> None:
    """The disk of one Kafka node is full for ten seconds."""
    assert rig.disk is not None
    ballast = fill(rig.disk)
    time.sleep(10)
    ballast.unlink()
    await_in_step(rig)


def step_the_clock(rig: Rig, dice: random.Random) -> None:
    """The clock of all services goes forward by an hour, then back by two, then is right again."""
    assert rig.clock is not None
    for seconds in (_HOUR, -_HOUR, 0):
        rig.clock.write_text(f"{seconds:+d}")
        time.sleep(dice.uniform(2, 4))
