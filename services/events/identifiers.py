"""One spelling for every identifier, so that two partners who name the same thing name it alike.

Nothing is asked of the web: what an address redirects to changes, and a decision must come out the same again.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

_URL = SchemaValidator(core_schema.url_schema())  # as `AnyUrl` reads, without its wrapping in Python
_RESOLVERS = {"doi.org", "dx.doi.org", "www.doi.org"}
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNFINISHED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def canonical(identifier: str) -> str | None:
    """Write an absolute URI in one way; what is canonical stays as it is.

    Web addresses: scheme and host in lower case, no default port, no fragment, one percent-encoding (RFC 3986 section
    6.2.2), no user, https also where http was said. DOIs: ``doi:10.…`` in lower case, whether told as DOI, as info URI
    (RFC 4452) or as address of a resolver (DOI Handbook: names are case-insensitive). URNs: by the letter behind the
    namespace (RFC 8141 section 3.1). Anything else: scheme in lower case (RFC 3986 section 3.1).

    Returns:
        The identifier, or None where it can name no event: an address without path and query names a whole site.
    """
    scheme, _, rest = identifier.partition(":")
    form = _FORMS.get(scheme.lower())
    return form(rest) if form else f"{scheme.lower()}:{rest}"


def _address(rest: str) -> str | None:
    try:
        url = _URL.validate_python(f"https:{rest}")
    except ValidationError:
        return None  # nobody can open it
    path, query = url.path or "/", f"?{_encoding(url.query)}" if url.query else ""
    if url.host in _RESOLVERS and path.startswith("/10."):
        return _doi(path.removeprefix("/"))
    if path == "/" and not query:
        return None
    port = "" if url.port in {80, 443} else f":{url.port}"
    return f"https://{url.host}{port}{_encoding(path)}{query}"


def _encoding(text: str) -> str:
    """Decode what needs no encoding and write the rest in capitals (RFC 3986 sections 6.2.2.1 and 6.2.2.2)."""
    if "%" not in text or _UNFINISHED.search(text):
        return text  # where one is unfinished, to decode a sign could finish it

    def one(match: re.Match[str]) -> str:
        decoded = chr(int(match.group()[1:], 16))
        return decoded if _UNRESERVED.fullmatch(decoded) else match.group().upper()

    return _ENCODED.sub(one, text)


def _doi(name: str) -> str:
    """Lower the ASCII letters alone, as the DOI Handbook says: all others are percent-encoded by then."""
    return f"doi:{quote(unquote(name)).lower()}"


def _info(rest: str) -> str:
    return _doi(rest[len("doi/") :]) if rest.lower().startswith("doi/") else f"info:{rest}"


def _urn(rest: str) -> str:
    namespace, _, name = rest.partition(":")
    return f"urn:{namespace.lower()}:{name}"


_FORMS: dict[str, Callable[[str], str | None]] = {
    "http": _address,
    "https": _address,
    "doi": _doi,
    "info": _info,
    "urn": _urn,
}
