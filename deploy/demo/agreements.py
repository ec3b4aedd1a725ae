"""The demo's agreements: the example ones, their connectors pointed at the partner systems on this machine."""

import re
from pathlib import Path

from contracts.agreements import EXAMPLES

PULL_EVERY = 2  # seconds: a story is being watched


def write(folder: Path, connectors: dict[str, dict[str, str]]) -> Path:
    """Copy the examples into a folder, with other settings for some partners' connectors.

    Args:
        folder: where; made.
        connectors: by partner, the connector's settings (replacing the example's).
    """
    folder.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES.glob("*.toml"):
        text = example.read_text(encoding="utf-8")
        if example.stem in connectors:
            head = text.partition("[connector.settings]")[0]
            head = re.sub(r"^interval = .*$", f"interval = {PULL_EVERY}", head, flags=re.MULTILINE)
            rows = [f'{name} = "{value}"' for name, value in connectors[example.stem].items()]
            text = "\n".join([head.rstrip(), "", "[connector.settings]", *rows, ""])
        (folder / example.name).write_text(text, encoding="utf-8")
    return folder
