"""The demo's agreements: a few of the example ones, their connectors pointed at the partner systems on this machine."""

import re
from pathlib import Path

from deploy.few import few

PULL_EVERY = 2  # seconds: a story is being watched


def write(folder: Path, connectors: dict[str, dict[str, str]]) -> Path:
    """Copy the few into a folder, with other settings for some partners' connectors.

    Args:
        folder: where; made.
        connectors: by partner, the connector's settings (replacing the example's).
    """
    for path in few(folder).glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem in connectors:
            head = text.partition("[connector.settings]")[0]
            head = re.sub(r"^interval = .*$", f"interval = {PULL_EVERY}", head, flags=re.MULTILINE)
            rows = [f'{name} = "{value}"' for name, value in connectors[path.stem].items()]
            text = "\n".join([head.rstrip(), "", "[connector.settings]", *rows, ""])
        path.write_text(text, encoding="utf-8")
    return folder
