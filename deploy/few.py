"""The few example agreements that temporary hubs run with: one of each way in, so that a hub starts soon.

All examples together ask for twice the topics and access rights; what holds for these few holds for them.
"""

import shutil
from pathlib import Path

from contracts.agreements import EXAMPLES

FEW = ("lernwerkstatt-rotthausen", "stadt-gelsenkirchen", "universitaet-wuppertal")
"""A folder, a calendar, a Kafka client of one's own; they name nobody else."""


def few(folder: Path, *more: str) -> Path:
    """Copy them, and more if there are to be more, into a folder, which is made; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for partner in (*FEW, *more):
        shutil.copy(EXAMPLES / f"{partner}.toml", folder)
    return folder
