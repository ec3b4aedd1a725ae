"""A Kafka and a PostgreSQL of its own: ``hub apply`` takes away every right that its agreements do not give."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.agreement import Agreement
from contracts.agreements import load_agreements
from deploy import parts
from deploy.few import few
from deploy.temporary import temporary
from services.runtime.settings import Settings
from tests.operations.worlds import PLAIN, hub


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few example agreements and two more, of which one's id begins with the other's."""
    folder = few(tmp_path_factory.mktemp("agreements"))
    for name in ("vhs", "vhs-nord"):
        (folder / f"{name}.toml").write_text(PLAIN.format(name), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def agreements(folder: Path) -> dict[str, Agreement]:
    """The agreements of that folder."""
    return load_agreements(folder)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Settings]:
    """Settings of a hub where nothing but the foundation runs and nothing is applied yet; each file has its own."""
    with temporary(parts.FOUNDATION, agreements=folder) as stack:
        yield stack.site.settings()


@pytest.fixture(scope="module")
def applied(site: Settings) -> Settings:
    """The hub with its agreements applied."""
    done = hub("apply", "--yes", settings=site)
    assert done.returncode == 0, done.stderr
    return site
