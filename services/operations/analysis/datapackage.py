"""The dictionary of an export: a Data Package (datapackage.org, version 1 and 2), in English and German. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.model import GERMAN
from contracts.vocabulary import load
from services.operations.analysis.columns import Column, dictionary

FILE = "datapackage.json"
NAME = "learning-city-unified-stream"
"""Every export has this name, and nothing else ought to."""

DIALECT = {"delimiter": ";", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True}
"""What a German Excel reads; with the byte order mark and the decimal comma that it expects."""

_TYPES = {
    "amount": "number",
    "moment": "datetime",
    "wall": "datetime",
    "day": "date",
    "list": "array",
    "part": "object",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: the facts or the current state of one kind of object."""

    folder: str
    kind: str
    columns: Sequence[Column]
    rows: int


def package(
    folder: Path, tables: Iterable[Table], licences: Iterable[str], times: tuple[datetime | None, datetime]
) -> dict[str, Any]:
    """Describe an export.

    Args:
        folder: where its files are; their sizes and hashes are told.
        tables: what is in it.
        licences: those that occur in it.
        times: recorded since (None is from the beginning), and until.
    """
    since, until = times
    resources = [each for table in tables for each in (_parquet(folder, table), _spreadsheet(folder, table))]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": NAME,
        "title": "The unified stream of the Learning City Hub",
        "x-title-de": "Der gemeinsame Datenstrom der Lernenden Stadt",
        **_both(**dictionary()["package"]),
        "created": until.isoformat(),
        "x-facts-recorded": {"since": since.isoformat() if since else None, "until": until.isoformat()},
        "licenses": [_licence(each) for each in sorted(licences)],
        "resources": resources,
        "x-vocabularies": {name: _terms(name) for name in _vocabularies(resources)},
    }


def _parquet(folder: Path, table: Table) -> dict[str, Any]:
    fields = [_field(column) for column in table.columns]
    return _resource(folder, table, "parquet", "application/vnd.apache.parquet", fields)


def _spreadsheet(folder: Path, table: Table) -> dict[str, Any]:
    comma = [{**_field(each), **_comma(each)} for each in table.columns]
    return {**_resource(folder, table, "csv", "text/csv", comma), "encoding": "utf-8", "dialect": DIALECT}


def _resource(folder: Path, table: Table, form: str, media_type: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    path = f"{table.folder}/{table.kind}.{form}"
    content = (folder / path).read_bytes()
    about = {name: text.format(kind=table.kind) for name, text in dictionary()["folder"][table.folder].items()}
    return {
        "name": f"{table.kind}-{table.folder}-{form}",
        "path": path,
        "format": form,
        "mediatype": media_type,
        **_both(**about),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "x-rows": table.rows,
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _field(column: Column) -> dict[str, Any]:
    wall = {"x-zone": "none"} if column.kind.word == "wall" else {}
    inner = {"x-items": _inner(column)} if column.kind.word == "list" else {}
    return {
        "name": column.name,
        "type": _TYPES.get(column.kind.word, column.kind.word),
        **_both(column.en, column.de),
        **({"unit": column.unit} if column.unit else {}),
        **({"x-vocabulary": column.vocabulary} if column.vocabulary else {}),
        **({"constraints": {"enum": list(column.words)}} if column.words and not inner else {}),
        **wall,
        **inner,
    }


def _inner(column: Column) -> dict[str, Any]:
    item = column.kind.of[0]
    words = {"constraints": {"enum": list(column.words)}} if column.words else {}
    if item.kind.word == "part":
        return {"type": "object", "x-fields": [_field(each) for each in item.kind.of]}
    return {"type": _TYPES.get(item.kind.word, item.kind.word), **words}


def _comma(column: Column) -> dict[str, str]:
    return {"decimalChar": ","} if column.kind.word in ("number", "amount") else {}


def _both(en: str, de: str) -> dict[str, str]:
    return {"description": en, GERMAN: de} if en else {}


def _vocabularies(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({f["x-vocabulary"] for each in resources for f in each["schema"]["fields"] if "x-vocabulary" in f})


def _terms(vocabulary: str) -> dict[str, Any]:
    terms = load(vocabulary)
    return {
        "version": terms["version"],
        "terms": [{"id": term["id"], "en": term["en"], "de": term["de"]} for term in terms["term"]],
    }


def _licence(identifier: str) -> dict[str, str]:
    term = next(each for each in load("licences")["term"] if each["id"] == identifier)
    where = {"path": term["uri"]} if "uri" in term else {}
    return {"name": identifier, **where, "title": term["en"], "x-title-de": term["de"]}
