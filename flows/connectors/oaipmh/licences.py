"""Under which terms, from what a record says of its rights. What is not known for certain is not claimed."""

import re
from collections.abc import Iterable
from functools import cache

from contracts.vocabulary import ids, load
from flows.connectors.oaipmh.reading import Told
from flows.connectors.oaipmh.spelling import last_part
from flows.connectors.oaipmh.words import word

_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/licen[sc]es/([a-z-]+)/(\d\.\d)(?:/([a-z]{2})(?=/|$))?", re.IGNORECASE
)
_DCAT_AP_DE = "http://dcat-ap.de/def/licenses/"
_ZERO = re.compile(r"creativecommons\.org/publicdomain/zero/1\.0", re.IGNORECASE)


def licence(rights: Iterable[Iterable[str]], told: Told) -> str | None:
    """Return the licence of a work, an identifier of the vocabulary, or None.

    Args:
        rights: of each statement what it says: identifiers, addresses, texts.
        told: is told of what is unknown, contradicts itself or was left out.
    """
    found: list[str] = []
    for statement in rights:
        said = [each for each in statement if each.strip() and access((each,)) == "unknown"]
        known = dict.fromkeys(each for text in said if (each := _known(text)))
        if len(known) > 1:
            told.flag("rights contradict themselves")
        elif known:
            found += known
        elif said:
            told.flag("licence not known")
    if len(set(found)) > 1:
        told.flag("further licences left out")
    return found[0] if found else None


def access(rights: Iterable[str]) -> str:
    """Return whether everybody may read: yes, no or unknown (info:eu-repo/semantics)."""
    return next((found for each in rights if (found := word("access", last_part(each)))), "unknown")


def _known(text: str) -> str | None:
    if _ZERO.search(text):
        return "CC0-1.0"
    match = _CREATIVE_COMMONS.search(text)
    if match:
        name = "-".join(part for part in ("CC", *match.groups()) if part).upper()
        return next((each for each in ids("licences") if each.upper() == name), None)
    plain = text.strip().removesuffix("/").removesuffix(".html").lower().replace("https://", "http://")
    return _spellings().get(plain)


@cache
def _spellings() -> dict[str, str]:
    """Return each licence by its spellings: SPDX's, and DCAT-AP.de's new and old ones with and without its address."""
    rows = [(term["id"], (term["uri"], *term["aliases"])) for term in load("licences")["term"]]
    found = {_DCAT_AP_DE + each.removeprefix(_DCAT_AP_DE): name for name, written in rows for each in written}
    found |= {each.removeprefix(_DCAT_AP_DE): name for each, name in found.items()}
    found |= {each: name for name, _ in rows for each in (name, f"http://spdx.org/licenses/{name}")}
    return {each.lower().replace("https://", "http://"): name for each, name in found.items()}
