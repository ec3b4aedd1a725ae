"""The row of this kind of partner system."""

from contracts.agreement import Agreement
from flows.connectors.caldav.access import SETTINGS, Access
from flows.connectors.caldav.source import CalDavSource
from flows.connectors.caldav.target import CalDavTarget
from flows.connectors.manifest import Manifest, Source, Target
from flows.icalendar.context import Context
from services.runtime.settings import Settings


def _source(agreement: Agreement, settings: Settings) -> Source:
    return CalDavSource(Access.of(agreement, settings), Context.of(agreement))


def _target(agreement: Agreement, settings: Settings) -> Target:
    return CalDavTarget(Access.of(agreement, settings), Context.of(agreement))


MANIFEST = Manifest(
    kind="caldav",
    title={"de": "Kalender (CalDAV)", "en": "Calendar (CalDAV)"},
    directions=("pull", "push"),
    owner="Learning City Hub",
    source=_source,
    target=_target,
    settings=SETTINGS,
)
