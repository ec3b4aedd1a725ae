"""The row of this kind of partner system. Whoever reads agreements loads it: it imports nothing that takes time."""

from flows.connectors.manifest import Manifest
from flows.connectors.spreadsheet.settings import SpreadsheetSettings

MANIFEST = Manifest(
    title={"de": "Tabellen (CSV, Excel)", "en": "Spreadsheets (CSV, Excel)"},
    directions=("pull", "push"),
    owner="Learning City Hub",
    settings=SpreadsheetSettings,
    source="flows.connectors.spreadsheet.source:SpreadsheetSource",
    target="flows.connectors.spreadsheet.target:SpreadsheetTarget",
    push_alone=False,  # an erasure makes no fact: the next pull writes the lists anew
    objects=("enrolment",),
)
