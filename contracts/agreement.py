"""An agreement: what one partner may send and receive, for which purpose, through which connector, who owns it."""

import difflib
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import Url

from contracts.fact import Fact
from contracts.identifiers import Ror
from contracts.registry import CONTRACTS
from contracts.role_address import is_role_address
from contracts.text import Line, PartnerId, WebAddress
from contracts.violation import unmet
from contracts.vocabulary import TermOf
from contracts.zoned_time import ZoneName


def _known_contract(name: str) -> str:
    if name not in CONTRACTS:
        nearest = difflib.get_close_matches(name, CONTRACTS, n=1, cutoff=0) or sorted(CONTRACTS)
        raise unmet("known-contract", nearest=nearest[0])
    return name


ContractType = Annotated[str, AfterValidator(_known_contract)]
Purpose = Literal[
    "event_publication",
    "research_publication",
    "enrolment_processing",
    "participation_statistics",
    "research_pseudonymous",
    "legal_retention",
]
Direction = Literal["pull", "push"]


def _of_an_office(address: str) -> str:
    if "@" not in address or not is_role_address(address):
        raise unmet("of-an-office")
    return address


class Part(BaseModel):
    """A table of an agreement file: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Names(Part):
    """The institution's name as people read it."""

    de: Line
    en: Line


class Owner(Part):
    """Who answers for the agreement: an office and its role address."""

    unit: Line
    contact: Annotated[Line, AfterValidator(_of_an_office)]


def _told_by_partners(name: str) -> str:
    if CONTRACTS[name].by_hub:
        raise unmet("told-by-partners")
    return name


class Inbox(Part):
    """What the partner may send."""

    contracts: tuple[Annotated[ContractType, AfterValidator(_told_by_partners)], ...] = ()
    partitions: int = Field(default=1, ge=1, le=64)


class Outbox(Part):
    """What the partner may receive, and from whom; ``*`` is everybody but itself."""

    contracts: tuple[ContractType, ...] = ()
    partners: tuple[PartnerId | Literal["*"], ...] = ("*",)


class Connector(Part):
    """Through which kind of system a flow reaches the partner. Partners with a Kafka client have none.

    What ``settings`` may hold says the kind; `contracts.agreements` judges by it.
    """

    kind: Line
    directions: tuple[Direction, ...] = Field(min_length=1)
    interval: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))
    reconcile: timedelta = Field(default=timedelta(days=1), ge=timedelta(minutes=1))
    time_zone: ZoneName = "Europe/Berlin"
    licence: Annotated[str, TermOf("licences")] = "all-rights-reserved"
    settings: dict[str, Any] = Field(default_factory=dict)


_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def _over_tls(address: Url) -> Url:
    if address.scheme != "https" and address.host not in _LOOPBACK:
        raise unmet("over-tls")
    return address


class Http(Part):
    """The door of a partner that has no Kafka client: the table alone opens it.

    ``webhook``: where the hub posts each fact of the outbox, if the partner wants to be called; never a secret.
    """

    requests: int = Field(default=600, ge=1, le=60_000, description="In one minute, at each instance of the gateway")
    webhook: Annotated[WebAddress, AfterValidator(_over_tls)] | None = None


class Agreement(Part):
    """One file. ``draft``: nobody has signed; it may only point at sandboxes and production refuses it."""

    id: PartnerId
    status: Literal["draft", "signed"]
    name: Names
    owner: Owner
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    ror: Ror | None = None
    role_addresses: tuple[Line, ...] = Field(default=(), description="Role addresses beside the usual mailboxes")
    inbox: Inbox = Inbox()
    outbox: Outbox = Outbox()
    connector: Connector | None = None
    http: Http | None = None

    def sends(self, contract: str) -> bool:
        """Whether this partner's inbox takes the contract."""
        return contract in self.inbox.contracts

    def receives(self, contract: str, source: str) -> bool:
        """Whether a fact of this contract from the partner ``source`` goes into this partner's outbox."""
        open_to = self.outbox.partners
        return contract in self.outbox.contracts and source != self.id and ("*" in open_to or source in open_to)

    def reads(self, fact: Fact, source: str) -> bool:
        """Whether a fact goes into this outbox. What concerns a person goes to those it is between, whoever told it."""
        if not fact.parties:
            return self.receives(fact.type, source)
        between = {str(getattr(fact, field)).partition(":")[0] for field in fact.parties}
        return self.id in between and (fact.unasked or fact.type in self.outbox.contracts)
