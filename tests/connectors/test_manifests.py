"""The row of each kind of partner system holds what agreements, people and flows need of it."""

import re
from itertools import accumulate
from pathlib import Path
from pkgutil import resolve_name

import pytest

from contracts.agreements.kinds import GROUP, Kinds
from flows.connectors.manifest import Manifest
from flows.connectors.registry import manifest
from services.runtime.settings import Settings
from tests.connectors.conftest import agreement

KINDS = Kinds().names
OURS = ("caldav", "dropfolder", "oaipmh", "spreadsheet")
METHODS = {"pull": ("read", "map"), "push": ("write", "close"), "readback": ("read", "map")}


def test_the_kinds_of_this_package_are_installed() -> None:
    """Calendars and drop folders are known wherever agreements are read."""
    assert set(OURS) <= set(KINDS), f"run make install: [{GROUP}] of pyproject.toml has changed"


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_says_what_it_is_and_what_to_write(kind: str) -> None:
    """Who got a setting wrong reads what it is and an example; the examples together are settings of the kind."""
    model = manifest(kind).settings
    examples = {name: (field.examples or [None])[0] for name, field in model.model_fields.items()}
    assert None not in examples.values()
    assert all(field.description for field in model.model_fields.values())
    assert model.model_validate(examples).model_dump(mode="json") == examples


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_opens_what_it_says(kind: str, hub_settings: Settings) -> None:
    """A kind has a name in both languages, an owner, and a client for each of its directions."""
    row = manifest(kind)
    assert isinstance(row, Manifest)
    assert row.title.keys() == {"de", "en"}
    assert row.owner
    settings = {name: field.examples[0] for name, field in row.settings.model_fields.items() if field.examples}
    for name in ("stadt", "caldav-stadt-gelsenkirchen"):
        (hub_settings.secrets / name).write_text("secret")
    for end in (*row.directions, *(["readback"] if row.readback else [])):
        client = row.open(end, agreement(kind, **settings), hub_settings)
        assert isinstance(client, resolve_name(row.ends[end]))
        assert all(callable(getattr(client, method)) for method in METHODS[end])


def test_operators_find_every_setting_in_their_page() -> None:
    """The page for operators has a row for each setting of each kind of ours, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "for-operators.md").read_text(encoding="utf-8")
    rows = re.findall(r"^ +\| (?:`(\w+)` )?\| `(\w+)` \|", page, re.MULTILINE)
    kinds = list(accumulate((kind for kind, _ in rows), lambda before, kind: kind or before))
    told = {(kind, name) for kind, (_, name) in zip(kinds, rows, strict=True)}
    assert told == {(kind, name) for kind in OURS for name in manifest(kind).settings.model_fields}
