import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.events.identifiers import canonical

ENCODED = st.from_regex(r"([a-zA-Z0-9/?#:.~_-]|%[0-9a-fA-F]{2}|%|ü){0,20}", fullmatch=True)
IDENTIFIERS = st.one_of(
    st.from_regex(r"[a-zA-Z][a-zA-Z0-9+.-]{0,8}:[^\x00-\x20\x7f\ud800-\udfff]{1,30}", fullmatch=True),
    st.builds(
        "{}{}".format,
        st.sampled_from(
            ["http://VHS.example:80/", "https://vhs.example:443/", "https://a:8443/", "https://DOI.org/10.1/", "HTTP:"]
        ),
        ENCODED,
    ),
    st.builds("{}{}".format, st.sampled_from(["doi:", "DOI:10.1/", "info:doi/", "urn:", "URN:ISBN:"]), ENCODED),
)


@given(IDENTIFIERS)
@example("https://vhs.example/%4%31")
@example("doi:10.1/%2541")
def test_what_is_canonical_stays(identifier: str) -> None:
    """Whatever the contract allows has a canonical form or none, and the form of the form is itself."""
    once = canonical(identifier)
    assert once is None or canonical(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://vhs.example/kurs/7", "HTTPS://VHS.Example:443/kurs/7#anmeldung"),
        ("https://vhs.example/kurs/7", "http://vhs.example:80/kurs/7"),
        ("https://vhs.example/kurs/7", "http://someone:secret@vhs.example/./kurs/7"),
        ("https://vhs.example/k%C3%BCche?id=7", "https://vhs.example/k%c3%bcche?id=%37"),
        ("https://vhs.example/?kurs=7", "https://vhs.example?kurs=7"),
        ("https://müller.example/fest", "https://xn--mller-kva.example/fest"),
        ("doi:10.5281/Zenodo.42", "https://doi.org/10.5281/zenodo.42"),
        ("doi:10.5281/zenodo.42", "http://dx.doi.org/10.5281/ZENODO.42"),
        ("doi:10.5281/zenodo.42", "info:doi/10.5281/zenodo.42"),
        ("doi:10.1000/456%23789", "https://doi.org/10.1000/456%23789"),
        ("urn:ical-uid:A1@stadt.example", "URN:iCal-UID:A1@stadt.example"),
        ("tag:stadt.example,2026:fest", "TAG:stadt.example,2026:fest"),
    ],
)
def test_one_thing_told_in_two_ways_has_one_form(one: str, other: str) -> None:
    """Spelling that means nothing makes no difference."""
    assert canonical(one) == canonical(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://vhs.example/kurs/7", "https://vhs.example/kurs/8"),
        ("https://vhs.example/kurs/7", "https://vhs.example/Kurs/7"),
        ("https://vhs.example/kurs/7", "https://vhs.example:8443/kurs/7"),
        ("https://vhs.example/kurs?id=7", "https://vhs.example/kurs?id=8"),
        ("https://vhs.example/a/b", "https://vhs.example/a%2Fb"),
        ("urn:ical-uid:A1@stadt.example", "urn:ical-uid:a1@stadt.example"),
        ("urn:ical-uid:A1%40stadt.example", "urn:ical-uid:A1@stadt.example"),
    ],
)
def test_two_things_have_two_forms(one: str, other: str) -> None:
    """Spelling that may mean something is kept: a link that is missing can be added, a wrong one misleads."""
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "address", ["https://vhs.example", "http://VHS.example/#kurse", "https://vhs.example/?", "https:"]
)
def test_a_whole_site_names_no_event(address: str) -> None:
    """A home page told as an event's address identifies nothing."""
    assert canonical(address) is None
