"""The city's calendar server: Radicale, in a process of its own."""

import sys
from pathlib import Path

from deploy.passwords import password, write_private
from deploy.ports import HOST
from deploy.process import Process

USER = "stadt-gelsenkirchen"
COLLECTION = "lernende-stadt"


def address(port: int) -> str:
    """Return the address of the city's calendar."""
    return f"http://{HOST}:{port}/{USER}/{COLLECTION}/"


def radicale(folder: Path, port: int, secrets: Path, secret: str) -> Process:
    """Write the server's settings and return its process.

    Args:
        folder: where it keeps calendars.
        port: where it listens on the loopback address.
        secrets: the hub's folder of secrets; the city gave the hub a password for its calendar.
        secret: that secret's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / "users", f"{USER}:{password(secrets, secret)}\n")
    settings: dict[str, dict[str, object]] = {
        "server": {"hosts": f"{HOST}:{port}"},
        "auth": {"type": "htpasswd", "htpasswd_filename": folder / "users", "htpasswd_encryption": "plain", "delay": 0},
        "rights": {"type": "owner_only"},
        "storage": {"filesystem_folder": folder / "collections"},
        "logging": {"level": "warning"},
    }
    rows = [f"[{section}]\n" + "".join(f"{k} = {v}\n" for k, v in pairs.items()) for section, pairs in settings.items()]
    write_private(folder / "radicale.conf", "\n".join(rows))
    return Process("radicale", (sys.executable, "-m", "radicale", "--config", str(folder / "radicale.conf")))
