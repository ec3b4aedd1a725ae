"""What an agreement may hold, table by table, and what to write where."""

from contracts.agreement import Agreement, Connector, Inbox, Names, Outbox, Owner
from contracts.agreements.mistakes import Form

AGREEMENT = Form(
    called="a key of an agreement",
    tables={
        (): Agreement,
        ("name",): Names,
        ("owner",): Owner,
        ("inbox",): Inbox,
        ("outbox",): Outbox,
        ("connector",): Connector,
    },
    write={
        "id": 'id = "lernwerkstatt-rotthausen" (lower case, digits, single hyphens; the name of the file)',
        "status": 'status = "draft", or "signed" once both sides have signed',
        "name": '[name] with de = "…" and en = "…"',
        "name.de": 'de = "Lernwerkstatt Rotthausen"',
        "name.en": 'en = "Learning workshop Rotthausen"',
        "owner": '[owner] with unit = "…" and contact = "…"',
        "owner.unit": 'unit = "Geschäftsstelle"',
        "owner.contact": 'contact = "info@lernwerkstatt-rotthausen.example" (a role address)',
        "purposes": 'purposes = ["event_publication"]',
        "ror": 'ror = "00613ak93" (the nine characters behind https://ror.org/), or leave it out',
        "role_addresses": 'role_addresses = ["werkstatt@lernwerkstatt-rotthausen.example"]',
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
        "connector.time_zone": 'time_zone = "Europe/Berlin"',
        "connector.licence": 'licence = "CC-BY-4.0" (an id of contracts/vocabulary/licences.toml)',
        "connector.settings": '[connector.settings] with what its kind knows, such as url = "…"',
    },
)
