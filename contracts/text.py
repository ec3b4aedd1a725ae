"""Bounded text. NUL breaks PostgreSQL, lone surrogates break UTF-8: both are refused where text enters.

Lone surrogates need no pattern: pydantic refuses them in a ``str`` and in JSON escapes.
"""

import re
import unicodedata
from itertools import filterfalse
from typing import Annotated

from pydantic import GetCoreSchemaHandler, StringConstraints, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, Url, core_schema

from contracts import spelling
from contracts.violation import unmet

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=spelling.LINE)]
Prose = Annotated[str, StringConstraints(max_length=10_000, pattern=spelling.PROSE)]

PartnerId = Annotated[str, StringConstraints(pattern=spelling.PARTNER, max_length=60)]
"""Names topics, users and files: lower case, digits and single hyphens."""

ObjectId = Annotated[str, StringConstraints(pattern=spelling.OBJECT, max_length=300)]
"""``<partner>:<the partner's own id>``, so that two partners never claim the same object. No blanks."""

LanguageTag = Annotated[str, StringConstraints(pattern=spelling.LANGUAGE, max_length=35)]
"""BCP 47. Plain language is the registered variant ``simple``: ``de-simple`` is Leichte Sprache."""


_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a text as people compare them: ``Volkshochschule, Café »Süd«`` is volkshochschule, cafe, sud.

    Without case, accents and signs, in their order.
    """
    letters = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(filterfalse(unicodedata.combining, letters)))


_URL = core_schema.url_schema(max_length=2_000, allowed_schemes=["https", "http"])
_LITERAL = SchemaValidator(core_schema.url_schema(strict=True))


def _without_login(address: Url) -> Url:
    if address.username or address.password:
        raise unmet("address-without-login")
    return address


def _by_the_letter(address: Url) -> Url:
    """Refuse what a lenient reader repairs in its head: the text itself travels on, to readers who are not lenient."""
    try:
        _LITERAL.validate_python(str(address))
    except ValidationError:
        raise unmet("spelled-address") from None
    return _without_login(address)


class _Address:
    """Annotation of an address. JSON of a writer is read strictly anyway, so it is not read twice.

    pydantic's own ``AnyUrl`` wraps each address in Python, which took a tenth of the time of a whole fact.
    """

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(_without_login, _URL),
            python_schema=core_schema.no_info_after_validator_function(_by_the_letter, _URL),
            serialization=core_schema.to_string_ser_schema(),
        )


WebAddress = Annotated[Url, _Address()]

Identifier = Annotated[str, StringConstraints(pattern=spelling.IDENTIFIER, max_length=2_000)]
"""An absolute URI that names the same thing elsewhere: a URL, ``doi:…``, ``urn:ical-uid:…``."""
