"""Identifiers of research at the door: real ones pass; with one sign changed each is refused, and its sender told why.

The identifiers are written down from outside, never made by what is tested: ORCID's own sample iDs (its documentation
of the structure of an iD), and ROR ids as registered for Wuppertal, the California Digital Library and Caltech.
"""

from typing import Any

import pytest

from contracts.admission import Admitted, admit
from contracts.refusal import Refusal
from tests.contracts.worlds import agreement_of, examples, message

PUBLISHED = "de.lernende-stadt.publication.published.v1"
ORCIDS = ("0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X")
RORS = ("00613ak93", "03yrm5c26", "05dxps055")
DOIS = ("10.1000/182", "10.5072/bericht-hitze", "10.1000.10/123")
WRONG_DIGIT = (
    "expected {} with its right check digit, came another one; one of its characters is wrong",
    "erwartet: {} mit der richtigen Prüfziffer; gekommen: eine andere; eines der Zeichen ist falsch",
)
WRONG_DIGITS = [
    *[("orcid", text) for text in ("0000-0002-1825-0096", "0000-0002-1825-009X", "0000-0002-1835-0097")],
    *[("orcid", text) for text in ("1000-0001-5109-3700", "0000-0001-5109-3701", "0000-0002-1694-2330")],
    *[("ror", text) for text in ("00613ak94", "00613ak83", "00614ak93", "03yrm5d26", "05dxps155", "06dxps055")],
]
MISSPELLED = [
    *[("orcid", text) for text in ("https://orcid.org/0000-0002-1825-0097", "0000000218250097", "0000-0002-1694-233x")],
    *[("ror", text) for text in ("https://ror.org/00613ak93", "10613ak93", "00613ak9", "0o613ak93")],
    *[("doi", text) for text in ("https://doi.org/10.1000/182", "doi:10.1000/182", "11.1000/182", "10.100/182")],
    *[("doi", text) for text in ("10.1000", "10.1000/", "10.1000/1 82")],
]
PLACES = {"orcid": "creators.0.orcid", "ror": "creators.0.affiliations.0.ror", "doi": "doi"}


def report(field: str, text: str) -> dict[str, Any]:
    """A publication with one identifier put into it."""
    copy: dict[str, Any] = examples()[f"{PUBLISHED}.1"]
    creator = copy["creators"][0]
    owner = {"orcid": creator, "ror": creator["affiliations"][0], "doi": copy}[field]
    assert field in owner
    owner[field] = text
    return copy


def refused(field: str, text: str) -> Refusal:
    """The refusal of a publication with this identifier in it."""
    payload = report(field, text)
    judged = admit(message(PUBLISHED, payload), agreement_of(payload))
    assert isinstance(judged, Refusal), f"{text} was taken"
    assert (judged.rule, judged.place) == ("contract-violated", PLACES[field])
    return judged


@pytest.mark.parametrize(
    ("field", "text"),
    [("orcid", each) for each in ORCIDS] + [("ror", each) for each in RORS] + [("doi", each) for each in DOIS],
)
def test_a_real_identifier_passes(field: str, text: str) -> None:
    """As it stands on works of real people and institutions."""
    payload = report(field, text)
    assert isinstance(admit(message(PUBLISHED, payload), agreement_of(payload)), Admitted)


@pytest.mark.parametrize(("field", "text"), WRONG_DIGITS)
def test_one_wrong_sign_is_refused_by_the_check_digit(field: str, text: str) -> None:
    """A mistyped digit would name another human or institution; the sender reads that a sign is wrong, and where."""
    told = refused(field, text).expected
    assert (told.en, told.de) == tuple(sentence.format(field.upper()) for sentence in WRONG_DIGIT)


@pytest.mark.parametrize(("field", "text"), MISSPELLED)
def test_another_spelling_is_refused_with_an_example_of_the_right_one(field: str, text: str) -> None:
    """The address of a resolver, a sign too few, what is no DOI: told how it is spelled, not that a digit is wrong."""
    told, right = refused(field, text).expected, {"orcid": ORCIDS[0], "ror": RORS[0], "doi": DOIS[0]}[field]
    assert right in told.en
    assert right in told.de
    assert told.en.startswith("expected ")
    assert told.de.startswith("erwartet: ")


def test_the_publisher_is_checked_the_same_way() -> None:
    """Whoever publishes a work, and who works there: each place of an identifier is named in its refusal."""
    payload = report("orcid", ORCIDS[0])
    payload["publisher"]["ror"] = "00613ak94"
    judged = admit(message(PUBLISHED, payload), agreement_of(payload))
    assert isinstance(judged, Refusal)
    assert (judged.rule, judged.place) == ("contract-violated", "publisher.ror")
