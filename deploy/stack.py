"""A hub on one machine: real Kafka, real PostgreSQL, Prefect and the services, under one process manager."""

from collections.abc import Callable, Iterable
from functools import partial

from contracts.agreements import load_agreements
from deploy import data_folder, kafka, parts, passwords, ports, postgres
from deploy.applying import apply
from deploy.interruption import undisturbed
from deploy.orderly import beside
from deploy.process import Process
from deploy.readiness import STARTS_S, kafka_answers, postgres_answers, wait_until
from deploy.site import Site
from deploy.supervision import DEAD, Supervisor
from services.operations.apply.planning import refuse_trials
from services.operations.errors import OperationError
from services.runtime.timeouts import REACH_S

Tell = Callable[[str], None]
LOG_LINES = 15


class AlreadyRunningError(OperationError):
    """A hub runs in this data folder."""


class Stack:
    """The parts of one site that run here.

    Args:
        site: where.
        names: which parts of ``deploy.parts``; those with an address elsewhere are left out.
        tell: gets a line whenever something is done.
        more: further processes, started by `run` when the caller wants.
    """

    def __init__(
        self, site: Site, names: Iterable[str] = parts.ALL, *, tell: Tell = lambda _: None, more: Iterable[Process] = ()
    ) -> None:
        """Describe a stack; nothing happens yet."""
        self.site = site
        self.supervisor = Supervisor(site.data)
        self.wanted = tuple(names)
        self.here = parts.bundled(site, self.wanted)
        self.begun = False  # until then, what runs in the data folder is another's
        self._tell = tell
        self._more = tuple(more)

    def up(self, *, leashed: bool = True) -> None:
        """Start all parts; on return the services run and Prefect is on its way. Whatever fails, nothing stays.

        Not for use inside a running event loop.

        Args:
            leashed: the parts stop when the present process ends, however it ends.

        Raises:
            AlreadyRunningError, PortTakenError, NotReadyError, ApplyError, AgreementError, JarsError,
            DataFolderError, KafkaFormatError, PostgresInitError: told in their messages.
        """
        if self.supervisor.answers():
            raise AlreadyRunningError(f"expected no hub in {self.site.data}, one runs: stop it with 'hub down'")
        self.begun = True
        try:
            self._prepare()
            self._await_foundation(here=False)
            self._start(leashed=leashed)
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Stop all parts: first who works, then what they work on. Ctrl-C does not interrupt it."""
        with undisturbed():
            known = self.supervisor.states()  # also who does not run: it may be about to be tried again
            self.supervisor.halt(name for name in known if name not in parts.FOUNDATION)
            self.supervisor.halt(name for name in known if name in parts.FOUNDATION)
            self.supervisor.shutdown()

    def run(self, name: str) -> None:
        """Start one part; it is not waited for.

        Raises:
            xmlrpc.client.Fault: there is no such part, or it runs.
        """
        self.supervisor.run(name)

    def failed(self, name: str) -> str | None:
        """Return why a part does not run, with the end of its log; None while it does."""
        if (state := self.supervisor.states().get(name)) and state.word not in DEAD:
            return None
        log = self.supervisor.log(name)
        end = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else []
        return "\n  ".join([f"it ended; the end of {log}:", *end])

    def _prepare(self) -> None:
        agreements = load_agreements(self.site.agreements)
        refuse_trials(agreements, production=self.site.production)
        ports.require(parts.used_ports(self.site, self.here), f"[ports] of {self.site.data / 'hub.toml'}")
        data_folder.make(self.site.data)
        passwords.mint(self.site.secrets, (*parts.minted(self.site), *map(passwords.partner, agreements)))
        variables = "".join(f"{name}={value}\n" for name, value in self.site.environment().items())
        passwords.write_private(self.site.data / "hub.env", variables)  # the hub command reads it
        with beside(*(partial(_MADE[name], self.site) for name in self.here if name in _MADE)) as works:
            for work in works:
                work.result()

    def _start(self, *, leashed: bool) -> None:
        rows = [parts.process(self.site, name) for name in self.here]
        self.supervisor.start([*rows, *self._more], leashed=leashed)
        wait_until(self.supervisor.answers, self._no_supervisor, "the process manager")
        self._launch((*parts.FOUNDATION, *parts.SERVICES, *parts.LATER))  # who comes too early waits by itself
        self._await_foundation(here=True)
        self._launch(parts.BESIDE)
        if {*parts.SERVICES, *parts.LATER}.intersection(self.here):
            apply(self.site)
            self._tell("topics, users and access rights are those of the agreements")
        self._await_services()

    def _launch(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self.here:
                self.supervisor.run(name)

    def _await_foundation(self, *, here: bool) -> None:
        settings = self.site.settings()
        for name in (name for name in _ANSWERS if name in self.wanted and (name in self.here) is here):
            where = name if here else f"{name} at {getattr(settings, name)}"
            failed = partial(self.failed, name) if here else lambda: None
            wait_until(partial(_ANSWERS[name], settings), failed, where, STARTS_S if here else REACH_S)
            self._tell(f"{name} is ready")

    def _await_services(self) -> None:
        for name in parts.SERVICES:
            if name in self.here:
                port = self.site.ports[name]
                wait_until(lambda at=port: ports.listening(at), lambda part=name: self.failed(part), name)  # type: ignore[misc]
                self._tell(f"{name} is ready")

    def _no_supervisor(self) -> str | None:
        if self.supervisor.ended() is None:
            return None
        return "it ended: " + self.supervisor.log("supervisord-start").read_text(errors="replace")[-500:]


_ANSWERS = {"postgres": postgres_answers, "kafka": kafka_answers}
_MADE: dict[str, Callable[[Site], None]] = {
    "kafka": lambda site: kafka.prepare(parts.cluster(site)),
    "postgres": lambda site: postgres.prepare(parts.database(site)),
}
