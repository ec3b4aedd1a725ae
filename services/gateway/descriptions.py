"""Where the descriptions of the door are found: for programs and for people."""

from functools import cache

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from services.gateway.asyncapi import asyncapi
from services.gateway.language import preferred
from services.gateway.openapi import openapi
from services.gateway.page import page

_LANGUAGES = ("en", "de")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def descriptions() -> list[BaseRoute]:
    """Return the addresses; everybody may read them."""
    return [Route("/openapi.json", _openapi), Route("/asyncapi.json", _asyncapi), Route("/docs", _page)]


async def _openapi(_: Request) -> Response:
    return Response(_written("openapi"), media_type="application/json")


async def _asyncapi(_: Request) -> Response:
    return Response(_written("asyncapi"), media_type="application/json")


async def _page(request: Request) -> Response:
    asked = request.query_params.get("lang", "")
    language = asked if asked in _LANGUAGES else preferred(request.headers.get("accept-language", ""))
    more = {"Content-Language": language, "Vary": "Accept-Language", "Content-Security-Policy": _POLICY}
    return HTMLResponse(_shown(language), headers=more)


@cache
def _written(name: str) -> bytes:
    return to_json({"openapi": openapi, "asyncapi": asyncapi}[name](), indent=1)


@cache
def _shown(language: str) -> str:
    return page(language)
