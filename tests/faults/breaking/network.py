"""Breaking the network between all parts."""

import random
import time
from collections.abc import Callable

from tests.faults.proxy import Weather
from tests.faults.rig import NODES, Rig


def weather(seconds: float, **what: float) -> Callable[[Rig, random.Random], None]:
    """Everything that passes between clients, nodes and PostgreSQL is delayed, throttled or left hanging."""

    def break_(rig: Rig, _: random.Random) -> None:
        for port in rig.proxy.weather:
            rig.proxy.weather[port] = Weather()
            for name, value in what.items():
                setattr(rig.proxy.weather[port], name, value)
        time.sleep(seconds)
        _clear(rig)

    return break_


def _clear(rig: Rig) -> None:
    for sky in rig.proxy.weather.values():
        sky.delay, sky.rate, sky.hanging = 0.0, 0, False


def cut_connections(rig: Rig, dice: random.Random) -> None:
    """All connections to one part end at once."""
    rig.proxy.cut(rig.ways[dice.choice((*NODES, "postgres"))])
    time.sleep(dice.uniform(0.5, 1.5))
