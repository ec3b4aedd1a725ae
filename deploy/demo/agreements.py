"""The demo's agreements: a few of the example ones, their connectors pointed at the partner systems on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deploy.few import few

PULL_EVERY = 2  # seconds: a story is being watched
LICENCE = "CC-BY-4.0"


class Connector(NamedTuple):
    """A partner's ``[connector]`` in the demo: its kind, its directions and its settings."""

    kind: str
    directions: tuple[str, ...]
    settings: Mapping[str, str]

    def text(self) -> str:
        """Write it as an agreement has it."""
        told = ", ".join(f'"{each}"' for each in self.directions)
        rows = [f'kind = "{self.kind}"', f"directions = [{told}]", f"interval = {PULL_EVERY}", f'licence = "{LICENCE}"']
        settings = [f'{name} = "{value}"' for name, value in self.settings.items()]
        return "\n".join(["[connector]", *rows, "", "[connector.settings]", *settings, ""])


def write(folder: Path, connectors: Mapping[str, Connector]) -> Path:
    """Copy the few into a folder, with the demo's connectors for some partners.

    Args:
        folder: where; made.
        connectors: by partner, what takes the place of the example's.
    """
    for path in few(folder).glob("*.toml"):
        if path.stem in connectors:
            text = path.read_text(encoding="utf-8").partition("[connector]")[0]
            path.write_text(f"{text.rstrip()}\n\n{connectors[path.stem].text()}", encoding="utf-8")
    return folder
