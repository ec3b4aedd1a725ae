"""Kafka's jars: which ones (``kafka.lock``), where they lie, and that they are what the lock says.

``python -m deploy.jars fetch`` brings what is missing; ``python -m deploy.jars lock`` resolves anew and writes it.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from services.operations.errors import OperationError

# slf4j-simple sends Kafka's log to standard error, where the process manager rotates it.
WANTED = "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:1.7.36"
LOCK = Path(__file__).with_name("kafka.lock")


class JarsError(OperationError):
    """A jar is missing or is not the one that the lock names."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar: Maven coordinate ``group:artifact:version`` and the SHA-256 of its file, in hex."""

    coordinate: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return "-".join(self.coordinate.split(":")[1:]) + ".jar"


def cache_folder() -> Path:
    """Return where downloads are kept: ``HUB_CACHE``, or the checkout's ignored folder."""
    return Path(os.environ.get("HUB_CACHE") or Path(__file__).resolve().parents[1] / ".hub")


def locked(lock: Path = LOCK) -> tuple[Jar, ...]:
    """Read the lock: one ``sha256  coordinate`` a line, in the order of the class path."""
    rows = (line.split() for line in lock.read_text(encoding="utf-8").splitlines() if line)
    return tuple(Jar(coordinate, digest) for digest, coordinate in rows)


def classpath(folder: Path | None = None) -> str:
    """Return Kafka's class path.

    Raises:
        JarsError: a jar of the lock is not there.
    """
    folder = folder or cache_folder() / "jars"
    paths = [folder / jar.name for jar in locked()]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise JarsError(f"expected Kafka's {len(paths)} jars in {folder}, {missing[0]} is missing: run 'make install'")
    return os.pathsep.join(map(str, paths))


def fetch(jars: Sequence[Jar], folder: Path) -> None:
    """Bring the jars that are missing or damaged into ``folder``, which never holds an unchecked one.

    Raises:
        JarsError: a download is not what the lock says; it is thrown away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [jar for jar in jars if _sha256(folder / jar.name) != jar.sha256]
    with tempfile.TemporaryDirectory(dir=folder) as arriving, ThreadPoolExecutor(6) as pool:
        downloads = pool.map(lambda jar: _download(jar, Path(arriving)), wanted)
        for number, (jar, path) in enumerate(zip(wanted, downloads, strict=True), 1):
            check(jar, path)
            shutil.move(path, folder / jar.name)
            _tell(f"\rKafka: {number} of {len(wanted)} jars ", end=number == len(wanted))


def check(jar: Jar, path: Path) -> None:
    """Compare a downloaded file with the lock.

    Raises:
        JarsError: it is another file.
    """
    came = _sha256(path)
    if came != jar.sha256:
        raise JarsError(
            f"expected {jar.coordinate} with SHA-256 {jar.sha256}, got {came or 'no file'}: do not use it. "
            "If the version was changed on purpose, run 'make lock-kafka' and review the difference"
        )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _download(jar: Jar, folder: Path) -> Path:
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - only an installation needs jgo, and it is slow
    from jgo.maven import MavenContext  # noqa: PLC0415

    group, artifact, version = jar.coordinate.split(":")
    context = MavenContext(repo_cache=folder, remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=60)
    try:
        return Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except (OSError, RuntimeError) as error:
        raise JarsError(
            f"expected {jar.coordinate} from Maven Central, got {type(error).__name__}: {str(error)[:200]}. Check the "
            "network, a proxy (HTTPS_PROXY) or its certificates (REQUESTS_CA_BUNDLE), then run the same command again"
        ) from None


def _tell(text: str, *, end: bool) -> None:
    if sys.stderr.isatty() or end:
        sys.stderr.write(text + ("\n" if end else ""))
        sys.stderr.flush()


def _resolve(lock: Path) -> None:
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.env import EnvironmentBuilder, LinkStrategy  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder, "m2"), remote_repos={"central": MAVEN_CENTRAL_URL}, timeout=60)
        builder = EnvironmentBuilder(context=context, cache_dir=Path(folder, "env"), link_strategy=LinkStrategy.AUTO)
        lockfile = builder.from_endpoint(WANTED).lockfile
        entries = lockfile.dependencies if lockfile else ()
        rows = [f"{e.sha256}  {e.groupId}:{e.artifactId}:{e.version}" for e in entries]
    lock.write_text("\n".join(sorted(rows, key=lambda row: row.split()[1])) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Run ``fetch`` or ``lock``."""
    if list(arguments) == ["lock"]:
        _resolve(LOCK)
    elif list(arguments) == ["fetch"]:
        fetch(locked(), cache_folder() / "jars")
    else:
        sys.exit(f"expected 'fetch' or 'lock', got {' '.join(arguments) or 'nothing'}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except JarsError as error:
        sys.exit(str(error))
