"""The row of this kind of partner system. Whoever reads agreements loads it: it imports nothing that takes time."""

from flows.connectors.caldav.settings import CalDavSettings
from flows.connectors.manifest import Manifest

MANIFEST = Manifest(
    title={"de": "Kalender (CalDAV)", "en": "Calendar (CalDAV)"},
    directions=("pull", "push"),
    owner="Learning City Hub",
    settings=CalDavSettings,
    source="flows.connectors.caldav.source:CalDavSource",
    target="flows.connectors.caldav.target:CalDavTarget",
    readback="flows.connectors.caldav.source:CalDavSource",
)
