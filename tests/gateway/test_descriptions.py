"""The pages about the door: made from the contracts, in both languages, with nothing from elsewhere."""

import json
import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import jsonschema
import pytest
from starlette.routing import Route

from contracts.envelope import CONTENT_TYPE
from contracts.model import GERMAN
from contracts.registry import CONTRACTS
from contracts.vocabulary import load
from services.gateway.app import application
from services.gateway.asyncapi import asyncapi
from services.gateway.descriptions import descriptions
from services.gateway.idempotency import PostgresRequests
from services.gateway.inboxes import KafkaInboxes
from services.gateway.openapi import openapi
from services.gateway.page import page
from services.gateway.problems import STATUS
from services.gateway.serving import routes
from services.gateway.words import words
from tests.contracts.worlds import TIME, examples, type_of
from tests.gateway.worlds import World, binary, fact, structured, written

DESCRIPTIONS = {"openapi": openapi, "asyncapi": asyncapi}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _at(document: dict[str, Any], reference: str) -> Any:  # noqa: ANN401 - JSON
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_each_reference_leads_somewhere_and_each_contract_is_there(name: str) -> None:
    """Nothing points into the void; every contract of the hub is described."""
    document = DESCRIPTIONS[name]()
    references = {node["$ref"] for node in _nodes(document) if isinstance(node.get("$ref"), str)}
    assert references
    for reference in references:
        assert _at(document, reference)
    assert {contract.__name__ for contract in CONTRACTS.values()} <= set(document["components"]["schemas"])
    assert set(CONTRACTS) <= set(re.findall(r"de\.lernende-stadt\.[a-z]+\.[a-z]+\.v\d+", json.dumps(document)))


def test_an_inbox_is_described_with_what_its_door_takes() -> None:
    """Promise 11: what the hub alone tells is told in outboxes; no inbox takes it, and none says that it does."""
    channels = asyncapi()["channels"]
    told = {name: set(channel["messages"]) for name, channel in channels.items()}
    assert told["outbox"] - told["inbox"] == {
        *("EnrolmentQueued", "EnrolmentAssociated", "FactRejected"),
        *("OfferingOpened", "OfferingClosed", "OfferingReminded"),
    }
    assert told["inbox"] < told["outbox"] == {contract.__name__ for contract in CONTRACTS.values()}


def test_what_a_partner_may_send_is_not_what_the_hub_says() -> None:
    """Promise 11, at the HTTP door: one fact by itself, one as an event, a batch of them."""
    document = openapi()
    forms = document["paths"]["/v1/facts"]["post"]["requestBody"]["content"]
    (one,) = (form["schema"]["anyOf"] for name, form in forms.items() if name == CONTENT_TYPE)
    event = document["components"]["schemas"]["CloudEvent"]["properties"]
    assert one == event["data"]["anyOf"]
    assert {each["$ref"].rpartition("/")[2] for each in one} == {
        contract.__name__ for contract in CONTRACTS.values() if not contract.by_hub
    }
    assert set(event["type"]["enum"]) == {name for name, contract in CONTRACTS.items() if not contract.by_hub}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_what_is_described_is_described_in_both_languages(name: str) -> None:
    """English has its German beside it."""
    said = [node for node in _nodes(DESCRIPTIONS[name]()) if isinstance(node.get("description"), str)]
    keys = {contract.key_field for contract in CONTRACTS.values()}
    assert [node for node in said if GERMAN not in node and node["description"] not in keys] == []


@pytest.mark.parametrize("example", examples())
def test_the_examples_keep_to_the_description(example: str) -> None:
    """A validator of a partner's own takes what the hub takes, in each form."""
    document = openapi()
    contract = CONTRACTS[type_of(example)]
    event = structured(1, examples()[example], type_of(example), time=TIME)
    forms = [(contract.__name__, examples()[example]), ("OutboxEvent", event), ("OutboxBatch", [event])]
    forms += [] if contract.by_hub else [("CloudEvent", event), ("Batch", [event])]
    for schema, value in forms:
        root = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
        assert [*jsonschema.Draft202012Validator(root).iter_errors(value)] == []


async def test_answers_keep_to_the_description(tmp_path: Path) -> None:
    """Receipts, a dry run, problems of one fact and of several."""
    document = openapi()
    wrong = [structured(1, fact("a", revision=0)), structured(2, fact("b", revision=0))]
    batch = {"content-type": "application/cloudevents-batch+json"}
    async with World(tmp_path).client() as client:
        answers = [
            await client.post("/v1/facts", content=written(fact("a")), headers=binary()),
            await client.post("/v1/facts?dry_run=1", content=written(fact("a")), headers=binary()),
            await client.post("/v1/facts", content=b"{}", headers=binary()),
            await client.post("/v1/facts", content=json.dumps(wrong), headers=batch),
        ]
    assert [answer.status_code for answer in answers] == [202, 200, 422, 422]
    for answer in answers:
        told = document["paths"]["/v1/facts"]["post"]["responses"][str(answer.status_code)]["content"]
        (schema,) = (each["schema"] for name, each in told.items() if answer.headers["content-type"].startswith(name))
        jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())


def test_every_status_of_a_problem_is_described() -> None:
    """A client that is made from the description knows all that may come, but for what no address or method is."""
    told = {s for path in openapi()["paths"].values() for method in path.values() for s in method["responses"]}
    assert {str(status) for status in STATUS.values()} - told == {"405"}


class _Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_needs_nothing_from_elsewhere(language: str) -> None:
    """No script, no font, no picture: it works where there is no network."""
    text, links = page(language), _Links()
    links.feed(text)
    assert links.fetched == ["?lang=en", "?lang=de"]
    assert {"script", "link", "img", "iframe"} & set(links.tags) == set()
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_tells_every_contract_field_and_rule_in_both_languages() -> None:
    """Nothing of the one is missing in the other."""
    english, german = page("en"), page("de")
    codes = r"<code>([^<]+)</code>"
    assert re.findall(codes, english) == re.findall(codes, german)
    assert set(CONTRACTS) <= set(re.findall(codes, english))
    assert set(STATUS) <= set(re.findall(codes, english))
    assert "Whole number that rises" in english
    assert "Ganze Zahl, die" in german
    assert "<td></td></tr>" not in english + german


async def test_the_page_speaks_the_readers_language() -> None:
    """By the link that was chosen, else by the browser's."""
    transport = httpx.ASGITransport(application(descriptions()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        asked = [("/docs", "de"), ("/docs?lang=en", "de"), ("/docs", "en"), ("/docs?lang=de", "en")]
        answers = [await client.get(path, headers={"accept-language": language}) for path, language in asked]
        documents = [(await client.get(f"/{name}.json")).json() for name in DESCRIPTIONS]
    assert [answer.headers["content-language"] for answer in answers] == ["de", "en", "en", "de"]
    assert all("default-src 'none'" in answer.headers["content-security-policy"] for answer in answers)
    assert documents == [json.loads(json.dumps(make())) for make in DESCRIPTIONS.values()]


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_rule_and_each_word_has_both_languages() -> None:
    """What a partner may read of any rule, and of any page, exists in English and in German."""
    rules = load("rules")["term"]
    assert len({term["id"] for term in rules}) == len(rules)
    for term in rules:
        assert term["en"].endswith(".")
        assert term["de"].endswith(".")
        assert term["en"] != term["de"]
    assert set(STATUS) <= {term["id"] for term in rules}
    told = {name: words(name) for name in words.ids()}
    assert {name for name, each in told.items() if not (each.en and each.de)} == set()
    assert {name for name, each in told.items() if each.en == each.de} == {"status"}


def test_every_address_of_the_door_is_described() -> None:
    """And nothing else is."""
    kafka: Any = SimpleNamespace(settings=SimpleNamespace(secrets=Path()))
    found = routes(kafka, {}, KafkaInboxes(kafka), PostgresRequests(), lambda: False)
    paths = {route.path for route in found if isinstance(route, Route)}
    assert {path for path in paths if path.startswith("/v1/")} == set(openapi()["paths"])
    assert paths - set(openapi()["paths"]) == {
        *("/openapi.json", "/asyncapi.json", "/docs", "/health", "/health/live", "/health/ready")
    }
