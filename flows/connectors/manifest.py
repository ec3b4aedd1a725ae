"""The row of a kind of partner system, and its settings as an agreement has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.agreement import Agreement, Direction, Part
from flows.connectors.connector import SettingsWrongError
from services.runtime.settings import Settings

Told = TypeVar("Told", bound=Part)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The row of one kind of partner system, an entry point of the group ``hub.connectors`` under the kind's name.

    ``source`` and ``target`` name classes, ``module:Class``, with a class method ``of(agreement, settings)``: who only
    reads agreements does not load what they need. ``target`` is empty where the kind cannot push, ``source`` where it
    cannot pull.
    """

    title: Mapping[str, str]  # by language: de, en
    directions: Sequence[Direction]
    owner: str
    settings: type[Part]  # the model of [connector.settings]
    source: str = ""
    target: str = ""

    def open(self, direction: str, agreement: Agreement, settings: Settings) -> Any:  # noqa: ANN401 - one of the two protocols
        """Make the client for one direction."""
        return resolve_name({"pull": self.source, "push": self.target}[direction]).of(agreement, settings)


def settings_of(agreement: Agreement, model: type[Told]) -> Told:
    """Return the settings of an agreement as the model of its kind.

    Raises:
        SettingsWrongError: they are none; one that was read from a file was judged by this model there.
    """
    try:
        return model.model_validate(agreement.connector.settings if agreement.connector else {})
    except ValidationError:
        raise SettingsWrongError(
            f"agreement {agreement.id}: expected the [connector.settings] of its kind, came others: hub apply --check"
        ) from None
