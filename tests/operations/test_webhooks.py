"""Partners who are called, as operators see and change them."""

import base64
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from contracts.agreements import EXAMPLES
from services.operations.errors import OperationError
from services.operations.partners.called import TODO, Call
from services.operations.partners.skipping import Place, refused
from services.operations.status.health import Health, Measured, Queue
from services.operations.status.judging import healths
from services.runtime.partner_files import PartnerFileDamagedError
from services.runtime.settings import Settings
from services.runtime.signing_secrets import (
    SecretFile,
    id_of,
    is_secret,
    new_secret,
)
from services.runtime.webhooks import State
from tests.operations.worlds import PLAIN, agreed, hub_inside

UNIVERSITY, CITY = "universitaet-wuppertal", "stadt-gelsenkirchen"
NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
CALLED = agreed("vhs", text=PLAIN + 'http = {{ webhook = "https://vhs.example/hub" }}')


@pytest.fixture
def more(tmp_path: Path) -> dict[str, str]:
    """The variables of a hub with the example agreements, of which one names a webhook."""
    folder = tmp_path / "agreements"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / f"{UNIVERSITY}.toml"
    file.write_text(file.read_text() + 'webhook = "https://partner.example/hub"\n')
    (tmp_path / "secrets").mkdir()
    return {"HUB_AGREEMENTS": str(folder), "HUB_SECRETS": str(tmp_path / "secrets")}


def _file(more: dict[str, str], partner: str = UNIVERSITY) -> SecretFile:
    return SecretFile(Path(more["HUB_SECRETS"]), partner)


def test_a_secret_is_shown_once_and_kept_where_nobody_else_reads_it(more: dict[str, str]) -> None:
    """As the specification has them: 32 random bytes that the library takes."""
    secret = hub_inside("webhook", "secret", UNIVERSITY, more=more).stdout.strip()
    assert _file(more).read() == [secret]
    assert is_secret(secret)
    assert Webhook(secret).sign("msg_1", NOW, "{}").startswith("v1,")
    assert stat.S_IMODE(_file(more).path.stat().st_mode) == 0o600


def test_two_secrets_at_a_time_and_the_older_is_retired_by_its_id(more: dict[str, str]) -> None:
    """A third is refused with what to retire; an unknown id with those that are known."""
    first, second = (hub_inside("webhook", "secret", UNIVERSITY, more=more).stdout.strip() for _ in range(2))
    third = hub_inside("webhook", "secret", UNIVERSITY, more=more)
    assert (third.returncode, f"hub webhook retire {UNIVERSITY} {id_of(first)}" in third.stderr) == (1, True)
    unknown = hub_inside("webhook", "retire", UNIVERSITY, "12345678", more=more)
    assert (unknown.returncode, id_of(second) in unknown.stderr) == (1, True)
    assert hub_inside("webhook", "retire", UNIVERSITY, id_of(first), more=more).returncode == 0
    assert _file(more).read() == [second]
    told = [third.stderr, unknown.stderr, hub_inside("webhook", "retire", UNIVERSITY, id_of(second), more=more).stdout]
    assert [each for each in (first, second) if each in "".join(told)] == []


@pytest.mark.parametrize("command", ["secret", "resume"])
@pytest.mark.parametrize(
    ("partner", "told"), [(CITY, 'write webhook = "https://'), ("stadt", CITY), ("../secrets/postgres", CITY)]
)
def test_only_a_partner_whose_agreement_names_a_webhook_is_called(
    more: dict[str, str], command: str, partner: str, told: str
) -> None:
    """Others are told what to write where; nothing is written."""
    done = hub_inside("webhook", command, partner, more=more)
    assert (done.returncode, told in done.stderr) == (2, True)
    assert not [*Path(more["HUB_SECRETS"]).iterdir()]


@given(st.text(max_size=100) | st.binary(max_size=70).map(lambda raw: "whsec_" + raw.hex()))
def test_what_is_no_secret_is_not_signed_with(text: str) -> None:
    """A file that somebody wrote by hand: 24 to 64 bytes, or nobody is called."""
    size = len(text.removeprefix("whsec_")) * 3 // 4
    assert not is_secret(text) or 24 <= size <= 64
    assert is_secret(new_secret())


@pytest.mark.parametrize(("size", "right"), [(23, False), (24, True), (64, True), (65, False)])
def test_a_secret_is_as_long_as_the_specification_says(tmp_path: Path, size: int, right: bool) -> None:  # noqa: FBT001
    """A wrong file names itself and never what stands in it."""
    file = SecretFile(tmp_path, "vhs")
    file.write([secret := "whsec_" + base64.b64encode(bytes(size)).decode()])
    if right:
        assert file.read() == [secret]
        return
    with pytest.raises(PartnerFileDamagedError) as refused:
        file.read()
    assert str(file.path) in str(refused.value)
    assert "AAAA" not in str(refused.value)


def _row(call: Call, **more: Any) -> Health:  # noqa: ANN401 - fields of what was measured
    measured = Measured(NOW, calls={"vhs": call}, **more)
    return next(row for row in healths(CALLED, [], measured) if row.direction == "out")


@pytest.mark.parametrize(
    ("call", "state", "todo"),
    [
        (Call("calling"), "ok", ""),
        (
            Call("retrying", "answered 503", 4, NOW),
            "late",
            "next try 2027-03-28 12:00:00+0000: it is tried again; if that goes on, tell the partner",
        ),
        (Call("failing", "ConnectError", 12, NOW), "failing", "once it answers, hub webhook resume vhs, or wait a day"),
        (Call("gone", "answered 410", 1, NOW), "failing", "then hub webhook resume vhs"),
        (Call("unsigned", "no secret"), "failing", "its webhook: no secret: hub webhook secret vhs"),
        (Call("lost", "cursor-beyond"), "failing", "hub webhook resume vhs --from-first"),
        (Call("anew", "another outbox"), "late", "tell the partner, as facts come once more"),
        (Call("asleep"), "failing", "is asleep: install one version here and there"),
    ],
)
def test_the_status_says_how_a_webhook_is_doing_and_what_to_do(call: Call, state: str, todo: str) -> None:
    """Late while it is tried again, failing where a hand is needed."""
    row = _row(call)
    assert (row.state, row.todo.endswith(todo)) == (state, True)


def test_each_state_that_the_gateway_notes_is_told() -> None:
    """None is taken for well because nobody thought of it."""
    assert TODO.keys() == set(get_args(State))


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_fact_is_left_out_for_a_reason_only(more: dict[str, str], reason: list[str]) -> None:
    """Whoever looks later wants to know."""
    done = hub_inside("webhook", "skip", UNIVERSITY, *reason, more=more)
    assert (done.returncode, "expected a reason" in done.stderr) == (2, True)


@pytest.mark.parametrize("state", [None, "calling", "gone", "unsigned", "lost", "anew"])
async def test_only_a_fact_that_is_not_taken_is_left_out(more: dict[str, str], state: str | None) -> None:
    """Where the endpoint takes facts, or is not called, there is none."""
    was = None if state is None else Place(7, "", state, "")
    settings = Settings(agreements=Path(more["HUB_AGREEMENTS"]), secrets=Path(more["HUB_SECRETS"]))
    with pytest.raises(OperationError, match="expected a fact that vhs was called with and did not take"):
        await refused(settings, "vhs", was)


def test_who_has_secrets_is_told_by_files_that_hold_some(tmp_path: Path) -> None:
    """A file that is no file of secrets is somebody else's, and is not taken away."""
    for partner in (UNIVERSITY, CITY):
        SecretFile(tmp_path, partner).write([new_secret()])
    SecretFile(tmp_path, "without").write([])
    (tmp_path / "webhook-proxy").write_text("geheim\n")
    assert SecretFile.holders(tmp_path) == [CITY, UNIVERSITY]


def test_a_partner_who_is_called_no_more_has_no_webhook_that_fails() -> None:
    """Its row stays with the gateway; the agreement counts."""
    measured = Measured(
        NOW, {"partner.vhs.outbox": Queue(NOW, 1, NOW - timedelta(days=1))}, calls={"vhs": Call("gone")}
    )
    rows = {row.state for row in healths(agreed("vhs"), [], measured) if row.direction == "out"}
    assert rows == {"ok"}
