"""What an agreement may hold, table by table, and what to write where."""

from typing import get_args

from contracts.agreement import Agreement, Connector, Direction, Http, Inbox, Names, Outbox, Owner, Purpose
from contracts.agreements.mistakes import Form
from contracts.registry import CONTRACTS

AGREEMENT = Form(
    called="a key of an agreement",
    tables={
        (): Agreement,
        ("name",): Names,
        ("owner",): Owner,
        ("inbox",): Inbox,
        ("outbox",): Outbox,
        ("connector",): Connector,
        ("http",): Http,
    },
    write={
        "id": 'id = "{own_id}" (lower case, digits, single hyphens; the name of the file)',
        "status": 'status = "draft", or "signed" once both sides have signed',
        "name": '[name] with de = "…" and en = "…"',
        "name.de": 'de = "…" (as people read it)',
        "name.en": 'en = "…" (as people read it)',
        "owner": '[owner] with unit = "…" and contact = "…"',
        "owner.unit": 'unit = "Geschäftsstelle"',
        "owner.contact": 'contact = "info@verein.example" (a role address)',
        "purposes": 'purposes = ["event_publication"]',
        "ror": 'ror = "…" (the nine characters behind https://ror.org/), or leave it out',
        "role_addresses": 'role_addresses = ["werkstatt@verein.example"]',
        "inbox": '[inbox] with contracts = ["…"]',
        "inbox.contracts": 'contracts = ["de.lernende-stadt.event.published.v1"]',
        "inbox.partitions": "partitions = 1 (up to 64)",
        "outbox": '[outbox] with contracts = ["…"]',
        "outbox.contracts": 'contracts = ["de.lernende-stadt.event.published.v1"]',
        "outbox.partners": 'partners = ["*"] for everybody, or a list of partner ids',
        "connector": '[connector] with kind = "…" and directions = ["pull", "push"]',
        "connector.kind": 'kind = "caldav", or another kind that is installed',
        "connector.directions": 'directions = ["pull", "push"], or one of the two',
        "connector.interval": "interval = 300 (seconds, at least 1)",
        "connector.reconcile": "reconcile = 86400 (seconds between two comparisons, at least 60)",
        "connector.time_zone": 'time_zone = "Europe/Berlin"',
        "connector.licence": 'licence = "CC-BY-4.0" (an id of contracts/vocabulary/licences.toml)',
        "connector.settings": '[connector.settings] with what its kind knows, such as url = "…"',
        "http": "[http], which opens the HTTP door, with nothing in it or with requests = 600",
        "http.requests": "requests = 600 (in one minute)",
        "http.webhook": 'webhook = "https://partner.example/hub" (https, no login in it), or leave it out',
    },
    entries={
        "purposes": get_args(Purpose),
        "inbox.contracts": tuple(CONTRACTS),
        "outbox.contracts": tuple(CONTRACTS),
        "connector.directions": get_args(Direction),
    },
    # Names, addresses and settings stay masked: people write those of humans, and passwords, into them.
    tell=frozenset(
        {
            "id",
            "status",
            "purposes",
            "ror",
            "inbox.contracts",
            "inbox.partitions",
            "outbox.contracts",
            "outbox.partners",
            "connector.kind",
            "connector.directions",
            "connector.interval",
            "connector.reconcile",
            "connector.time_zone",
            "connector.licence",
            "http.requests",
        }
    ),
)
