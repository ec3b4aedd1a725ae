"""The row of this kind of partner system. Whoever reads agreements loads it: it imports nothing that takes time."""

from flows.connectors.manifest import Manifest
from flows.connectors.oaipmh.settings import OaiPmhSettings

MANIFEST = Manifest(
    title={"de": "Repositorium (OAI-PMH)", "en": "Repository (OAI-PMH)"},
    directions=("pull",),
    owner="Learning City Hub",
    settings=OaiPmhSettings,
    source="flows.connectors.oaipmh.source:OaiPmhSource",
)
