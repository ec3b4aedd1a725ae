"""The table of faults: what happens, and how often in the short and in the whole run."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.breaking.machine import fill_the_disk, step_the_clock
from tests.faults.breaking.network import cut_connections, weather
from tests.faults.breaking.parts import cut_postgres_sessions, kill_a_broker, kill_postgres, restart_all_brokers
from tests.faults.breaking.points import Break, freeze_at, kill_at
from tests.faults.breaking.services import join_and_leave, kill_a_service, lose_offsets, nothing, stop_a_service
from tests.faults.points import BY_NAME
from tests.faults.rig import Rig


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the table: what happens, how often in the short and in the whole run."""

    name: str
    breaks: tuple[Break, ...]  # one after the other, from the beginning again
    short: int
    whole: int
    needs: str = ""  # what of the rig some machines do not allow

    @property
    def kind(self) -> str:
        """What is broken: the module of `tests.faults.breaking` that does it."""
        return self.breaks[0].__module__.rpartition(".")[2]

    def unproven(self, parts: Rig) -> str:
        """Return why this machine cannot show it; empty where it can."""
        if not self.needs or getattr(parts, self.needs) is not None:
            return ""
        return f"this machine allows no {self.needs} of our own"


def _at(name: str, kind: Callable[[str, str], Break], *, short: int, whole: int, verb: str) -> Fault:
    services = BY_NAME[name].services
    return Fault(f"{verb} {name}", tuple(kind(name, service) for service in services), short, whole * len(services))


_DEADLY = (
    "after poll",
    "after validation",
    "after reading",
    "before compare-and-set",
    "after compare-and-set",
    "between database and Kafka",
    "inside the Kafka transaction",
    "after the Kafka transaction",
)
_FREEZING = (
    "before InitProducerId",
    "after InitProducerId",
    "before the offsets are added",
    "before the end of the transaction",
    "inside the database transaction",
)
FAULTS = (
    Fault("nothing but 1 % of poison", (nothing,), 3, 30),
    Fault("service killed at random", (kill_a_service,), 6, 50),
    Fault("service stopped and started", (stop_a_service,), 3, 20),
    *(_at(name, kill_at, short=1, whole=2, verb="killed") for name in _DEADLY),
    *(_at(name, freeze_at, short=0, whole=1, verb="frozen") for name in _FREEZING[:-2]),
    *(_at(name, freeze_at, short=1, whole=1, verb="frozen") for name in _FREEZING[-2:]),
    Fault("instances join and leave", (join_and_leave,), 3, 30),
    Fault("broker killed", (kill_a_broker,), 1, 20),
    Fault("all brokers restarted", (restart_all_brokers,), 1, 3),
    Fault("PostgreSQL killed", (kill_postgres,), 1, 10),
    Fault("PostgreSQL's connections cut", (cut_postgres_sessions,), 2, 20),
    Fault("PostgreSQL slow by 0.5 s an answer", (weather(5, "postgres", delay=0.5),), 1, 5),
    Fault("network delayed by 0.2 s", (weather(5, delay=0.2),), 1, 5),
    Fault("network throttled to 50 kB/s", (weather(5, rate=50_000),), 1, 5),
    Fault("network cut", (cut_connections,), 4, 40),
    Fault("connections half open for 20 s", (weather(20, hanging=True),), 0, 3),
    Fault("offsets of a group gone", (lose_offsets,), 1, 6),
    Fault("disk of a broker full", (fill_the_disk,), 0, 3, needs="disk"),
    Fault("clock of the services stepped", (step_the_clock,), 0, 5, needs="clock"),
)
