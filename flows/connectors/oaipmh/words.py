"""The words of ``words.toml``: how repositories spell what the contracts have one word for."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def word(table: str, spelled: str) -> str | None:
    """Return the contracts' word for what stands in one table, or None."""
    return _tables()[table].get(spelled.strip().lower())


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
