"""The row of this kind of partner system. Whoever reads agreements loads it: it imports nothing that takes time."""

from flows.connectors.dropfolder.settings import FolderSettings
from flows.connectors.manifest import Manifest

MANIFEST = Manifest(
    title={"de": "Austauschordner", "en": "Drop folder"},
    directions=("pull", "push"),
    owner="Learning City Hub",
    settings=FolderSettings,
    source="flows.connectors.dropfolder.source:DropFolderSource",
    target="flows.connectors.dropfolder.target:DropFolderTarget",
    readback="flows.connectors.dropfolder.source:DropFolderReadback",
)
