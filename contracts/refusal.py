"""Why something was not taken. Names the place and the rule, never a value of the message."""

from dataclasses import dataclass
from functools import cache

from contracts.vocabulary import load
from contracts.wording import Wording


@cache
def _remedies() -> dict[str, dict[str, str]]:
    return {term["id"]: term for term in load("rules")["term"]}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal.

    Attributes:
        rule: an identifier of the vocabulary ``rules``.
        place: where: a field's path, a header's name, a line.
        expected: what was expected and, by kind and size only, what came; in both languages.
    """

    rule: str
    place: str
    expected: Wording

    def remedy(self, language: str = "en") -> str:
        """What the sender does about it, in English or German."""
        return _remedies()[self.rule][language]

    def __str__(self) -> str:
        """One sentence for logs and listings."""
        return f"{self.rule} at {self.place}: {self.expected}"


class RefusedError(Exception):
    """Carries a refusal up to the place that decides what becomes of the message."""

    def __init__(self, rule: str, place: str, expected: Wording) -> None:
        """Take the three parts of a `Refusal`."""
        super().__init__(f"{rule} at {place}: {expected}")
        self.refusal = Refusal(rule, place, expected)
