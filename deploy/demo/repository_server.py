"""A repository: oai-repo answers OAI-PMH over the records of one file.

``python -m deploy.demo.repository_server FILE PORT``; the file is read anew at each request. Its JSON holds
``records`` by identifier, each with ``stamp`` (RFC 3339 in UTC), ``deleted`` and ``forms`` (XML by metadata prefix),
and ``limit`` (records in a page), ``deleted_record`` and ``granularity`` (OAI-PMH 2.0, section 4.2).
"""

import json
import sys
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from oai_repo import Identify, MetadataFormat, OAIRepository, RecordHeader
from oai_repo.interface import DataInterface

from deploy.ports import HOST


class Records(DataInterface):  # type: ignore[misc] # oai-repo ships no types
    """The records as the file holds them at one request."""

    def __init__(self, state: dict[str, Any], address: str) -> None:
        """Take the file's content."""
        self.state, self.limit, self._address = state, state["limit"], address
        self.records = state["records"]

    def get_identify(self) -> Identify:
        """As the file says."""
        found = Identify()
        found.repository_name, found.base_url, found.admin_email = "Repositorium", self._address, ["oai@uni.example"]
        found.deleted_record, found.granularity = self.state["deleted_record"], self.state["granularity"]
        found.earliest_datestamp = "2020-01-01T00:00:00Z" if "ss" in found.granularity else "2020-01-01"
        return found

    def is_valid_identifier(self, identifier: str) -> bool:
        """Whether it is in the file."""
        return identifier in self.records

    def get_metadata_formats(self, identifier: str | None = None) -> list[MetadataFormat]:
        """Every format of the records that are there."""
        records = self.records.values() if identifier is None else [self.records[identifier]]
        names = sorted({name for record in records if not record["deleted"] for name in record["forms"]})
        url = "http://schema.example/oai.xsd"
        return [MetadataFormat(name, url, url) for name in names]

    def get_record_header(self, identifier: str) -> RecordHeader:
        """One header."""
        return RecordHeader(identifier, self.records[identifier]["stamp"], [])

    def get_record_metadata(self, identifier: str, metadataprefix: str) -> Any:  # noqa: ANN401 - an element
        """One record's own XML; a deleted one has none."""
        record = self.records[identifier]
        return None if record["deleted"] else etree.fromstring(record["forms"][metadataprefix])

    def get_record_abouts(self, identifier: str) -> list[Any]:  # noqa: ARG002 - oai-repo's signature
        """None."""
        return []

    def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> tuple[Any, ...]:  # noqa: ARG002 - as above
        """No sets."""
        return (None, None, None)

    def list_identifiers(
        self,
        metadataprefix: str,  # noqa: ARG002 - as above
        filter_from: datetime | None = None,
        filter_until: datetime | None = None,
        filter_set: str | None = None,  # noqa: ARG002 - as above
        cursor: int = 0,
    ) -> tuple[list[str], int, str]:
        """A page in the order of datestamps; the state says which list it is of."""

        def inside(stamp: str) -> bool:
            moment = datetime.fromisoformat(stamp)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return (filter_from is None or moment >= filter_from) and (filter_until is None or moment <= filter_until)

        named = sorted((each["stamp"], name) for name, each in self.records.items() if inside(each["stamp"]))
        names = [name for _, name in named]
        return names[cursor : cursor + self.limit], len(names), self.list_state(named)

    def list_state(self, named: list[tuple[str, str]]) -> str:
        """Return what changes whenever a list does: a resumption token of another state has expired."""
        return str(named)


class Handler(BaseHTTPRequestHandler):
    """Answers from the file."""

    def __init__(self, path: Path, *how: Any) -> None:  # noqa: ANN401 - http.server's
        """Name the file."""
        self._path = path
        super().__init__(*how)

    def do_GET(self) -> None:
        """Answer one request."""
        words = dict(parse_qsl(urlsplit(self.path).query))
        self.answer(words, json.loads(self._path.read_text(encoding="utf-8")))

    def answer(self, words: dict[str, str], state: dict[str, Any]) -> None:
        """Answer by the verb and its arguments."""
        self.send(bytes(OAIRepository(Records(state, "http://repository.example/oai")).process(words)))

    def send(self, body: bytes) -> None:
        """Send an answer of XML."""
        self.send_response(200)
        self.send_header("content-type", "text/xml; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer((HOST, int(sys.argv[2])), partial(Handler, Path(sys.argv[1]))).serve_forever()
