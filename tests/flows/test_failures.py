"""What an operator reads of a run that did not come to its end."""

import asyncio
import errno
from pathlib import Path

import asyncpg
import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnknownTopicOrPartitionError,
)

from contracts.agreements import EXAMPLES, load_agreements
from flows.connector import SettingsWrongError
from flows.connectors.caldav.exchange import BusyError
from flows.connectors.registry import manifest
from flows.report import RunReport
from services.runtime.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def told(error: Exception) -> str:
    """What the report of a run says of its failure."""
    report = RunReport("vhs", "pull")
    report.fail(error)
    return report.failed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TopicAuthorizationFailedError(), "run 'hub apply'"),
        (TransactionalIdAuthorizationFailed(), "run 'hub apply'"),
        (UnknownTopicOrPartitionError(), "run 'hub apply'"),
        (KafkaConnectionError(), "see that Kafka runs"),
        (KafkaError(), "see that Kafka runs"),
        (asyncpg.AdminShutdownError(), "see that it runs"),
        (TimeoutError(), "see that they run"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "Connection refused: see that they run"),
        (KeyError("title"), "see the runner's log"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_says_what_to_do(error: Exception, words: str) -> None:
    """No run ends in the bare name of an exception: what was expected, what came and what to do are told."""
    sentence = told(error)
    assert sentence.startswith("expected ")
    assert ", came" in sentence
    assert words in sentence


@pytest.mark.parametrize("error", [BusyError("calendar.example answered 503"), SettingsWrongError("expected url as …")])
def test_a_sentence_of_ours_stays_as_it_is(error: Exception) -> None:
    """Connectors know best what is wrong with the partner's system."""
    assert told(error) == str(error)


def test_no_value_of_an_event_is_told() -> None:
    """What a library quotes of a message is left out."""
    assert "Mustermann" not in told(LookupError("Erika Mustermann"))


@pytest.mark.parametrize(
    ("partner", "words"),
    [
        ("stadt-gelsenkirchen", ["expected the secret 'caldav-stadt-gelsenkirchen'", "write it there"]),
        ("lernwerkstatt-rotthausen", ["expected the folder ", "lernwerkstatt-rotthausen/in, there is none: make it"]),
        ("gartenverein-musterhalde", ["expected the folder ", "gartenverein-musterhalde/in, there is none: make it"]),
    ],
)
def test_what_the_examples_lack_is_told_as_the_readme_says(tmp_path: Path, partner: str, words: list[str]) -> None:
    """With the example agreements 'hub status' names a secret and a folder; the README says so."""
    folder = tmp_path / "contracts" / "agreements"
    settings = Settings(agreements=folder, secrets=tmp_path)
    agreement = load_agreements(EXAMPLES)[partner]
    assert agreement.connector is not None
    with pytest.raises(Exception, match="expected") as failed:
        asyncio.run(manifest(agreement.connector.kind).open("pull", agreement, settings).read(None))
    assert [word for word in words if word not in told(failed.value)] == []
    readme = " ".join(README.split())
    assert "the passwords of calendars, the folders of the NGO and the club, and the institute's repository" in readme
