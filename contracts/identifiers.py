"""Identifiers of research: works, people and institutions, with their check digits where they have some."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from contracts import spelling
from contracts.violation import unmet

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, in which a ROR id is written


def orcid_digit(digits: str) -> str:
    """Return the check digit behind the first 15 digits of an ORCID iD: ISO 7064, MOD 11-2."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "X" if check == 10 else str(check)  # noqa: PLR2004 - two digits have to be one sign


def ror_digits(number: str) -> str:
    """Return the two check digits behind the six signs of a ROR id: ISO 7064, MOD 97-10."""
    value = 0
    for sign in number:
        value = value * len(_BASE32) + _BASE32.index(sign)
    return f"{98 - value * 100 % 97:02}"


def _orcid(text: str) -> str:
    digits = text.replace("-", "")
    if orcid_digit(digits[:-1]) != digits[-1]:
        raise unmet("check-digit", identifier="ORCID")
    return text


def _ror(text: str) -> str:
    if ror_digits(text[1:7]) != text[7:]:
        raise unmet("check-digit", identifier="ROR")
    return text


Doi = Annotated[str, StringConstraints(pattern=spelling.DOI, max_length=300)]
"""A digital object identifier without the address of a resolver; case does not count (ISO 26324)."""

Orcid = Annotated[str, StringConstraints(pattern=spelling.ORCID), AfterValidator(_orcid)]
"""An ORCID iD without its address: it names a human who publishes."""

Ror = Annotated[str, StringConstraints(pattern=spelling.ROR), AfterValidator(_ror)]
"""A ROR id without its address: it names a research organisation."""
