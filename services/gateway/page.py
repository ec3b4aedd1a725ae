"""The same for people: one page without scripts, fonts or anything from elsewhere, in English or German. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from contracts.model import GERMAN
from contracts.registry import CONTRACTS
from contracts.vocabulary import load
from services.gateway.openapi import openapi
from services.gateway.problems import status_of
from services.gateway.schemas import components
from services.gateway.words import words

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
    "border-bottom:1px solid #767676}code{overflow-wrap:anywhere}"
)
_OF_FLOWS = {"source-item-refused", "target-refused"}
"""Rules of the flows: no answer of the gateway."""


def page(language: str) -> str:
    """Return the page as HTML."""
    title = escape(words("title").told(language))
    sections = [_addresses, _webhooks, _contracts, _parts, _problems]
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f'<nav><a href="?lang=en" hreflang="en" lang="en">English</a> '
        f'<a href="?lang=de" hreflang="de" lang="de">Deutsch</a></nav>'
        f"<h1>{title}</h1>{_said('intro', language)}{_said('machines', language)}"
        f"{''.join(section(language) for section in sections)}</main></body></html>"
    )


def _said(sentence: str, language: str) -> str:
    return f"<p>{escape(words(sentence).told(language))}</p>"


def _meaning(node: Mapping[str, Any], language: str) -> str:
    return escape(str(node.get({"en": "description", "de": GERMAN}[language], "")))


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]], language: str) -> str:
    head = "".join(f'<th scope="col">{escape(words(name).told(language))}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _heading(sentence: str, language: str) -> str:
    return f"<h2>{escape(words(sentence).told(language))}</h2>"


def _addresses(language: str) -> str:
    rows = _operations(openapi()["paths"], language)
    return _heading("addresses", language) + _table(("address", "does"), rows, language)


def _operations(paths: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    rows = []
    for address, methods in paths.items():
        for method, does in methods.items():
            rows.append((f"<code>{method.upper()} {escape(address)}</code>", _meaning(does, language)))
            own = [each for each in does["parameters"] if "description" in each]
            rows += [(f"<code>{escape(each['name'])}</code>", _meaning(each, language)) for each in own]
    return rows


def _webhooks(language: str) -> str:
    told = openapi()["webhooks"]
    answers = [
        (f"<code>{status}</code>", _meaning(answer, language))
        for status, answer in told["fact"]["post"]["responses"].items()
    ]
    table = _table(("call", "does"), [*_operations(told, language), *answers], language)
    return _heading("calls", language) + table


def _contracts(language: str) -> str:
    told = [_part(contract.__name__, contract.type, language) for contract in CONTRACTS.values()]
    return _heading("contracts", language) + "".join(told)


def _parts(language: str) -> str:
    own = {contract.__name__ for contract in CONTRACTS.values()}
    names = [name for name, schema in components().items() if GERMAN in schema and name not in own]
    return _heading("parts", language) + "".join(_part(name, name, language) for name in names)


def _part(name: str, called: str, language: str) -> str:
    schema = components()[name]
    needed = schema.get("required", [])
    yes = escape(words("yes").told(language))
    rows = [
        (f"<code>{escape(field)}</code>", yes if field in needed else "", _meaning(told, language))
        for field, told in schema["properties"].items()
    ]
    table = _table(("field", "needed", "meaning"), rows, language)
    return f'<h3 id="{escape(name)}"><code>{escape(called)}</code></h3><p>{_meaning(schema, language)}</p>{table}'


def _problems(language: str) -> str:
    rules = [term for term in load("rules")["term"] if term["id"] not in _OF_FLOWS]
    rows = [(f"<code>{t['id']}</code>", str(status_of(t["id"])), escape(t[language])) for t in rules]
    return _heading("problems", language) + _table(("rule", "status", "remedy"), rows, language)
