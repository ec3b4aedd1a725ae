"""The sentences of the pages about the HTTP door."""

from contracts.model import GERMAN
from contracts.wording import Sentences

words = Sentences("services.gateway", "words")


def described(sentence: str) -> dict[str, str]:
    """Return a sentence as schemas have it: English as ``description``, German beside it."""
    told = words(sentence)
    return {"description": told.en, GERMAN: told.de}
