"""The demo's agreements: a few of the example ones, their connectors pointed at the partner systems on this machine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deploy.demo import club
from deploy.few import few

PULL_EVERY = 2  # seconds: a story is being watched
LICENCE = "CC-BY-4.0"


class Connector(NamedTuple):
    """A partner's ``[connector]`` in the demo: its kind, its directions and its settings."""

    kind: str
    directions: tuple[str, ...]
    settings: Mapping[str, str | float | Mapping[str, str]]

    def text(self) -> str:
        """Write it as an agreement has it."""
        told = ", ".join(f'"{each}"' for each in self.directions)
        rows = [f'kind = "{self.kind}"', f"directions = [{told}]", f"interval = {PULL_EVERY}", f'licence = "{LICENCE}"']
        settings = [f"{name} = {_toml(value)}" for name, value in self.settings.items()]
        return "\n".join(["[connector]", *rows, "", "[connector.settings]", *settings, ""])


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)  # a basic string of TOML is one of JSON


def write(folder: Path, connectors: Mapping[str, Connector]) -> Path:
    """Copy the few and the club's into a folder, with the demo's connectors for some partners.

    Args:
        folder: where; made.
        connectors: by partner, what takes the place of the example's.
    """
    for path in few(folder, club.PARTNER).glob("*.toml"):
        if path.stem in connectors:
            text = path.read_text(encoding="utf-8").partition("[connector]")[0]
            path.write_text(f"{text.rstrip()}\n\n{connectors[path.stem].text()}", encoding="utf-8")
    return folder
