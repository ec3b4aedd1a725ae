"""Sentences in English and German: what was expected, and by kind and size alone what came.

They stand in files, both languages side by side: a list ``term`` with ``id``, ``en`` and ``de``. ``{…}`` in a sentence
is filled with limits, names and kinds, never with a value of a message.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence in both languages."""

    en: str
    de: str

    def told(self, language: str) -> str:
        """Return it in English (``en``) or German (``de``)."""
        return {"en": self.en, "de": self.de}[language]

    def __str__(self) -> str:
        """In English: for logs, listings and exceptions."""
        return self.en


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one file, ``<name>.toml`` in a package; it is read when the first one is asked for."""

    package: str
    name: str

    def ids(self) -> tuple[str, ...]:
        """Return what there is."""
        return tuple(_rows(self.package, self.name))

    def __call__(self, sentence: str, **gaps: object) -> Wording:
        """Return one sentence.

        Args:
            sentence: its id.
            gaps: what fills it, in the language of the sentence where that is a `Wording` itself.

        Raises:
            KeyError: there is no such sentence, or a gap is left open.
        """
        row = _rows(self.package, self.name)[sentence]
        return Wording(*(row[language].format_map(_in(language, gaps)) for language in ("en", "de")))


@cache
def _rows(package: str, name: str) -> Mapping[str, Mapping[str, str]]:
    terms = tomllib.loads(files(package).joinpath(f"{name}.toml").read_text(encoding="utf-8"))["term"]
    return {term["id"]: term for term in terms}


def _in(language: str, gaps: Mapping[str, object]) -> dict[str, object]:
    return {name: gap.told(language) if isinstance(gap, Wording) else gap for name, gap in gaps.items()}


expected = Sentences("contracts.vocabulary", "expectations")
"""The sentences of contracts and services."""
