"""Where a partner wants to be called: an agreement names it, and is refused with file and line where it must not."""

from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES, load_agreements, parse_agreement
from contracts.agreements.form import AGREEMENT
from services.operations.apply.planning import refuse_trials
from services.operations.errors import OperationError
from tests.contracts.test_agreements import line_of, refused

UNIVERSITY = "universitaet-wuppertal"
TEXT = (EXAMPLES / f"{UNIVERSITY}.toml").read_text(encoding="utf-8")
BEFORE = "requests = 600  # in one minute"


def _with(address: str) -> str:
    assert BEFORE in TEXT
    return TEXT.replace(BEFORE, f"webhook = {address}")


@pytest.mark.parametrize(
    "address",
    [
        "https://partner.example/hub?of=gelsenkirchen",
        "https://10.0.0.7:8443/hub",
        *("http://127.0.0.1:8080/", "http://localhost:8080/hub", "http://[::1]:8080/"),
    ],
)
def test_a_webhook_is_called_over_tls_or_on_this_machine(address: str) -> None:
    """Whoever reads the agreement sees where facts go."""
    agreement = parse_agreement(_with(f'"{address}"'), Path(f"{UNIVERSITY}.toml"))
    assert agreement.http is not None
    assert str(agreement.http.webhook) == address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('"http://partner.example/hub"', "an address with https (http on this machine alone)"),
        ('"http://localhost.partner.example/hub"', "an address with https (http on this machine alone)"),
        ('"http://127.0.0.1.partner.example/hub"', "an address with https (http on this machine alone)"),
        ('"http://127.0.0.1@partner.example/hub"', "without user name and password"),
        ('"https://erika:geheim@partner.example/hub"', "without user name and password"),
        ('"ftp://partner.example/hub"', "https"),
        ('"partner.example/hub"', "http.webhook"),
        ('""', "http.webhook"),
        ("5", "http.webhook"),
        ('["https://partner.example/hub"]', "http.webhook"),
    ],
)
def test_another_address_is_refused_with_its_line_and_without_its_text(
    tmp_path: Path, address: str, expected: str
) -> None:
    """It may hold a login or a token."""
    text = _with(address)
    (told,) = refused(tmp_path, text, UNIVERSITY).splitlines()
    assert told.startswith(f"{tmp_path / f'{UNIVERSITY}.toml'}:{line_of(text, 'webhook =')}: expected http.webhook: ")
    assert expected in told
    assert 'write webhook = "https://partner.example/hub"' in told
    assert "geheim" not in told


@pytest.mark.parametrize(("address", "right"), [("https://partner.example/", True), ("http://127.0.0.1:8080/", False)])
def test_production_calls_nobody_in_the_clear(address: str, right: bool) -> None:  # noqa: FBT001
    """On one machine it is a trial; the refusal names the partner and not where it is called."""
    agreement = parse_agreement(_with(f'"{address}"').replace('"draft"', '"signed"'), Path(f"{UNIVERSITY}.toml"))
    refuse_trials({UNIVERSITY: agreement}, production=False)
    if right:
        refuse_trials({UNIVERSITY: agreement}, production=True)
        return
    with pytest.raises(OperationError) as refusal:
        refuse_trials({UNIVERSITY: agreement}, production=True)
    assert f"found http: {UNIVERSITY}. Write webhook" in str(refusal.value)
    assert address not in str(refusal.value)


def test_a_secret_has_no_place_in_an_agreement(tmp_path: Path) -> None:
    """Nor is one shown that was written there."""
    told = refused(tmp_path, _with('"https://partner.example/hub"\nsecret = "whsec_x"'), UNIVERSITY)
    assert "found 'secret'" in told
    assert "whsec_" not in told
    assert "http.webhook" not in AGREEMENT.tell


def test_no_example_is_called() -> None:
    """They are nobody's systems."""
    assert not [each for each in load_agreements(EXAMPLES).values() if each.http and each.http.webhook]
