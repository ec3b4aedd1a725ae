"""PostgreSQL from a wheel, in the foreground: loopback only, roles with passwords, no superuser over the net."""

import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.passwords import password, write_private
from deploy.ports import HOST
from deploy.postgres_programs import PostgresInitError, account, programs, reachable

__all__ = ["PostgresInitError", "Server", "account", "command", "prepare", "render"]

DATABASES = {"hub": "postgres", "prefect": "prefect"}  # database and role of the same name: its password's secret
VAULT = {"vault": "postgres-vault", "vault_reader": "postgres-vault-reader"}  # roles that look into the hub's vault
ROLES = {**DATABASES, **VAULT}
# Row contents may be a person's data: errors are logged without the row, statements never.
QUIET = {"log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_statement": "none"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its port, its folder, the folder with the passwords.

    ``durable=False`` is for throw-away servers: a power cut destroys them.
    """

    port: int
    folder: Path
    secrets: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    def address(self, role: str = "hub") -> str:
        """Return a role's address, without the password."""
        return f"postgresql://{role}@{HOST}:{self.port}/{role}"


def prepare(server: Server) -> None:
    """Make the database cluster, its databases and roles where they are new, and write its settings.

    Raises:
        PostgresInitError: PostgreSQL refused; the message ends with what it said.
    """
    ready = server.folder / "formatted"
    if not ready.exists():
        shutil.rmtree(server.data, ignore_errors=True)  # what an interrupted attempt left
        _own(server.folder, server.data)
        found = programs(server.folder)
        sync = [] if server.durable else ["--no-sync"]
        options = ["--auth=reject", "--encoding=utf8", "--locale=C", "--username=postgres", *sync]
        _run([found / "initdb", "-D", server.data, *options])
        fsync = f"fsync={'on' if server.durable else 'off'}"
        single = [found / "postgres", "--single", "-D", server.data, "-c", fsync, "postgres"]
        _run(single, script="".join(_create(server, role, secret) for role, secret in DATABASES.items()))
        write_private(ready, "")
    _part(server)
    _write(server.data / "postgresql.conf", render(server))
    _write(server.data / "pg_hba.conf", f"host all {','.join(ROLES)} {HOST}/32 scram-sha-256\n")


def command(server: Server) -> list[str]:
    """Return the command that runs the server in the foreground; SIGINT stops it cleanly and at once."""
    return [str(programs(server.folder) / "postgres"), "-D", str(server.data)]


def render(server: Server) -> str:
    """Return ``postgresql.conf``."""
    settings = {
        "listen_addresses": HOST,
        "port": server.port,
        "unix_socket_directories": "",  # their paths are limited to 107 characters
        "max_connections": 100,
        "shared_buffers": "64MB",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        **QUIET,
        **({} if server.durable else FORGETFUL),
    }
    return "".join(f"{key} = '{value}'\n" for key, value in settings.items())


def _create(server: Server, role: str, secret: str) -> str:
    # A backend in single mode takes one command a line.
    return (
        f"create role {role} login password '{password(server.secrets, secret)}'\ncreate database {role} owner {role}\n"
    )


def _part(server: Server) -> None:
    """Give the vault to a role of its own, once; in a database of before, the hub's role owned it."""
    done = server.folder / "vault-parted"
    if done.exists():
        return
    single = [programs(server.folder) / "postgres", "--single", "-D", server.data, "hub"]
    roles = "".join(
        f"do $$begin create role {role} login password '{password(server.secrets, secret)}'; "
        "exception when duplicate_object then null; end$$\n"
        for role, secret in VAULT.items()
    )
    _run(single, script=f"{roles}grant create on database hub to vault\n{_HAND_OVER}\n")
    write_private(done, "")


# In one line, as single mode has it. A table takes its indexes and the sequence of its numbers along.
_HAND_OVER = (
    "do $$declare one text; begin for one in select format('table vault.%I', tablename) from pg_tables "
    "where schemaname = 'vault' union all select 'schema vault' from pg_namespace where nspname = 'vault' "
    "loop execute format('alter %s owner to vault', one); end loop; if to_regclass('vault.access') is not null then "
    "grant usage on schema vault to vault_reader; grant select on vault.person, vault.reader to vault_reader; "
    "grant insert on vault.access to vault_reader; end if; end$$"
)


def _own(folder: Path, data: Path) -> None:
    """Make the folders; as root, hand the data to the account, which must be able to walk there."""
    folder.mkdir(parents=True, exist_ok=True)
    data.mkdir(mode=0o700)
    name = account()
    if name is None:
        return
    shutil.chown(data, name)
    if not reachable(folder):
        raise PostgresInitError(
            f"expected that the user {name} can reach {folder}, but a folder above it is closed: PostgreSQL refuses "
            "to run as root; run the hub as another user, or choose a data folder such as /var/lib/hub"
        )


def _write(path: Path, text: str) -> None:
    write_private(path, text)
    if name := account():
        shutil.chown(path, name)


def _run(words: Sequence[object], script: str = "") -> None:
    name = account()
    identity = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []} if name else {}
    done = subprocess.run(  # noqa: S603
        [str(word) for word in words], input=script, capture_output=True, text=True, check=False, cwd="/", **identity
    )  # type: ignore[call-overload]
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        raise PostgresInitError(f"expected {Path(str(words[0])).name} to succeed, it said: {done.stderr[-1_000:]}")
