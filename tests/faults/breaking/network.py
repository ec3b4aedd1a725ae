"""Breaking the network between all parts."""

import random
import time
from collections.abc import Callable

from tests.faults.proxy import Weather
from tests.faults.rig import NODES, Rig


def weather(seconds: float, *names: str, **what: float) -> Callable[[Rig, random.Random], None]:
    """What passes to the nodes and to PostgreSQL, or to the named ones, is delayed, throttled or left hanging."""

    def break_(rig: Rig, _: random.Random) -> None:
        for name in names or rig.ways:
            rig.proxy.weather[rig.ways[name]] = Weather(**what)
        time.sleep(seconds)
        rig.proxy.weather.update(dict.fromkeys(rig.proxy.weather, Weather()))

    return break_


def cut_connections(rig: Rig, dice: random.Random) -> None:
    """All connections to one part end at once."""
    rig.proxy.cut(rig.ways[dice.choice((*NODES, "postgres"))])
    time.sleep(dice.uniform(0.5, 1.5))
