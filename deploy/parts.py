"""The table of what runs: which programs make up a hub, in which order they start and stop."""

import sys
from collections.abc import Iterable

from deploy import kafka, postgres
from deploy.passwords import ADMIN, BROKER, PRINCIPALS
from deploy.ports import HOST
from deploy.process import Process
from deploy.site import Site

FOUNDATION = ("kafka", "postgres")
BESIDE = ("prefect",)  # takes many seconds to start: nothing waits for it, and it is nice to the others
SERVICES = ("intake", "events", "research", "enrolments", "dispatch")
LATER = ("runner", "gateway")
ALL = (*FOUNDATION, *BESIDE, *SERVICES, *LATER)


def cluster(site: Site) -> kafka.Cluster:
    """Return the bundled Kafka: one node."""
    node = kafka.Node(1, site.ports["kafka"], site.ports["kafka-controller"], site.data / "kafka" / "1")
    return kafka.Cluster((node,), site.secrets, durable=site.durable, quick=site.quick)


def database(site: Site) -> postgres.Server:
    """Return the bundled PostgreSQL."""
    return postgres.Server(site.ports["postgres"], site.data / "postgres", site.secrets, durable=site.durable)


def bundled(site: Site, names: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of ``names`` that run here: not those whose address is given."""
    elsewhere = {"kafka": site.kafka, "postgres": site.postgres}
    return tuple(name for name in names if not elsewhere.get(name))


def minted(site: Site) -> tuple[str, ...]:
    """Return the principals whose passwords are made here: a server elsewhere has its own."""
    given = (*((ADMIN, BROKER) if site.kafka else ()), *(postgres.ROLES.values() if site.postgres else ()))
    return tuple(name for name in PRINCIPALS if name not in given)


def used_ports(site: Site, names: Iterable[str]) -> dict[str, int]:
    """Return the ports that these parts will listen on, by the name in ``hub.toml``."""
    names = [*names, *(["kafka-controller"] if "kafka" in names else [])]
    return {name: port for name, port in site.ports.items() if name in names}


def process(site: Site, name: str) -> Process:
    """Return one part as the process manager runs it."""
    return _ROWS[name](site) if name in _ROWS else _service(site, name, f"services.{name}")


def _kafka(site: Site) -> Process:
    whole = cluster(site)
    return Process("kafka", tuple(kafka.broker_command(whole, whole.nodes[0])))


def _postgres(site: Site) -> Process:
    command = tuple(postgres.command(database(site)))
    return Process("postgres", command, user=postgres.account(), stop_signal="INT")


def _prefect(site: Site) -> Process:
    address = ["--host", HOST, "--port", str(site.ports["prefect"])]
    command = ("nice", "-n", "15", sys.executable, "-m", "prefect", "server", "start", *address)
    own = {
        "PREFECT_API_DATABASE_CONNECTION_URL": site.prefect_database(site.settings().secret("prefect")),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # by default runs are kept for ever
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 24 * 60 * 60),
        # Fewer runs ahead, more often: by default a short interval has a hundred, which the runner would all name.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "20",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "20",
    }
    return Process("prefect", command, {**_prefect_client(site), **own})


def _runner(site: Site) -> Process:
    return _service(site, "runner", "flows.runner", _prefect_client(site))


def _prefect_client(site: Site) -> dict[str, str]:
    return {
        "PREFECT_API_URL": site.settings().prefect,
        "PREFECT_HOME": str(site.data / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _service(site: Site, name: str, module: str, more: dict[str, str] | None = None) -> Process:
    own = {"HUB_HTTP_PORT": str(site.ports[name]), "HUB_INSTANCE": "1"}
    return Process(name, (sys.executable, "-m", module), {**site.environment(), **own, **(more or {})})


_ROWS = {"kafka": _kafka, "postgres": _postgres, "prefect": _prefect, "runner": _runner}
