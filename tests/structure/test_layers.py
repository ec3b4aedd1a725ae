import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = {f"services.{each.parent.name}" for each in (ROOT / "services").glob("*/__main__.py")}


def lists() -> Iterator[tuple[str, set[str]]]:
    """Every list of a contract about imports that names a service, and what it names."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        for key in ("modules", "source_modules", "forbidden_modules"):
            named = set(contract.get(key, ()))
            if named & SERVICES:
                yield f"{contract['name']}: {key}", named


def test_no_service_is_left_out() -> None:
    """Who may not be imported, or must stay alone, is said of every service that runs, not of those of yesterday."""
    found = dict(lists())
    assert {name: SERVICES - named for name, named in found.items() if not named >= SERVICES} == {}
    assert len(found) >= 4
