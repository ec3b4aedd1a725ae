"""Which kinds of partner system are installed here, and what an agreement may say of each.

A kind is an entry point of the group ``hub.connectors``: its name is the kind, its object has what `Kind` says. So
contracts know nobody, and a package of somebody else brings a kind by being installed. Only what an agreement names is
loaded, by every process that reads agreements: it must be cheap to import.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from contracts.agreement import Direction, Part

GROUP = "hub.connectors"


class Kind(Protocol):
    """What an agreement needs to know of a kind of partner system."""

    @property
    def directions(self) -> Sequence[Direction]:
        """What it can do."""
        ...

    @property
    def objects(self) -> Sequence[str]:
        """Of which kinds of objects, as `contracts.registry.kind_of` says, a push can write facts into it."""
        ...

    @property
    def push_alone(self) -> bool:
        """Whether it can be pushed to and not pulled from."""
        ...

    @property
    def settings(self) -> type[Part]:
        """The model of ``[connector.settings]``; each field has a ``description`` and one of ``examples``."""
        ...


class KindError(Exception):
    """A kind is not installed, or what is installed does not work; the text says which, never a value of a setting."""


class Kinds:
    """The kinds that are installed; each is loaded when it is asked for."""

    def __init__(self, installed: Mapping[str, EntryPoint] | None = None) -> None:
        """Look what is installed, unless it is given."""
        found = {entry.name: entry for entry in entry_points(group=GROUP)} if installed is None else installed
        self._installed = dict(sorted(found.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """Every kind, in the order of names."""
        return tuple(self._installed)

    def load(self, name: str) -> Kind:
        """Return one kind.

        Raises:
            KindError: it is not there, or cannot be loaded.
        """
        if name not in self._installed:
            known = ", ".join(self.names) or "none: no connector is installed"
            raise KindError(f"expected a kind of partner system, one of {known}; found {name!r}")
        entry = self._installed[name]
        try:
            row: Any = entry.load()
            whole = issubclass(row.settings, Part) and bool(row.directions) and bool(row.objects)
        except Exception as error:  # a package of somebody else may do anything
            raise KindError(f"expected that {entry.value} can be loaded, came {type(error).__name__}") from error
        if not whole:
            part = f"{Part.__module__}.{Part.__name__}"
            raise KindError(f"expected {entry.value} with directions and objects, and with settings made from {part}")
        kind: Kind = row
        return kind

    def with_setting(self, setting: str) -> list[str]:
        """Return the kinds that know a setting of this name; what cannot be loaded is passed over."""
        return [name for name in self.names if setting in self._settings(name)]

    def _settings(self, name: str) -> Sequence[str]:
        try:
            return list(self.load(name).settings.model_fields)
        except KindError:
            return []
