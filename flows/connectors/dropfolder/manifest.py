"""The row of this kind of partner system."""

from contracts.agreement import Agreement
from flows.connectors.dropfolder.client import SETTINGS, Folder
from flows.connectors.dropfolder.source import DropFolderSource
from flows.connectors.dropfolder.target import DropFolderTarget
from flows.connectors.manifest import Manifest, Source, Target
from flows.icalendar.context import Context
from services.runtime.settings import Settings


def _source(agreement: Agreement, settings: Settings) -> Source:
    return DropFolderSource(Folder.of(agreement, settings), Context.of(agreement))


def _target(agreement: Agreement, settings: Settings) -> Target:
    return DropFolderTarget(Folder.of(agreement, settings), Context.of(agreement))


MANIFEST = Manifest(
    kind="dropfolder",
    title={"de": "Austauschordner", "en": "Drop folder"},
    directions=("pull", "push"),
    owner="Learning City Hub",
    source=_source,
    target=_target,
    settings=SETTINGS,
)
