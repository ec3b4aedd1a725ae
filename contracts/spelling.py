"""How texts of the contracts are spelled, each with the name of the sentence that says so to people."""

from collections.abc import Mapping

# One line: no control characters at all, and something to see. Prose: tab, line feed and carriage return only.
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
PROSE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
PARTNER = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
OBJECT = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*:[^\x00-\x20\x7f]+$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
IDENTIFIER = r"^[a-zA-Z][a-zA-Z0-9+.-]*:[^\x00-\x20\x7f]+$"
MAIL = r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"
SESSION = r"^[^\x00-\x20\x7f]+$"
CURRENCY = r"^[A-Z]{3}$"
TARGET = r"^(1[0-7]|[1-9])\.([0-9]{1,2}|[a-d])$"
POSTAL_CODE = r"^[0-9A-Za-z -]{3,10}$"
COUNTRY = r"^[A-Z]{2}$"
AGS = r"^[0-9]{8}$"
ZONE = r"^[A-Za-z0-9_+/-]+$"
PERSON_REF = r"^[a-z2-7]{26}$"
ROR = r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$"
ORCID = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$"
DOI = r"^10\.[0-9]{4,9}(\.[0-9]{1,9}){0,5}/[^\x00-\x20\x7f]+$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
DAY_OR_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"

SENTENCES: Mapping[str, str] = {
    LINE: "spelled-line",
    PROSE: "spelled-prose",
    PARTNER: "spelled-partner",
    OBJECT: "spelled-object",
    LANGUAGE: "spelled-language",
    IDENTIFIER: "spelled-identifier",
    MAIL: "spelled-mail",
    SESSION: "spelled-session",
    CURRENCY: "spelled-currency",
    TARGET: "spelled-target",
    POSTAL_CODE: "spelled-postal-code",
    COUNTRY: "spelled-country",
    AGS: "spelled-ags",
    ZONE: "spelled-zone",
    PERSON_REF: "spelled-person-ref",
    ROR: "spelled-ror",
    ORCID: "spelled-orcid",
    DOI: "spelled-doi",
    DAY: "spelled-day",
    DAY_OR_MOMENT: "spelled-day-or-moment",
}
"""The id of the sentence, by pattern: nobody has to read a regular expression."""
