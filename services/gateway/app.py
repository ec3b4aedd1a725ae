"""The application: addresses, and how errors become answers."""

from collections.abc import Sequence

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.wording import expected
from services.gateway.inboxes import PartAwayError
from services.gateway.language import preferred
from services.gateway.metrics import Counting
from services.gateway.problems import ProblemError, problem
from services.runtime.engine.blame import told

_PLACE = "request"


def application(routes: Sequence[BaseRoute]) -> Starlette:
    """Make the application of these addresses; metrics come with it."""
    return Starlette(
        routes=[*routes, Route("/metrics", metrics)],
        middleware=[Middleware(Counting)],
        exception_handlers={
            ProblemError: _problem,
            PartAwayError: _away,
            HTTPException: _stranger,
            Exception: _failed,
        },
    )


async def metrics(_: Request) -> Response:
    """Tell what was counted, as Prometheus reads it."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101 - as it is registered
    return error.problem.response(preferred(request.headers.get("accept-language", "")))


async def _away(request: Request, error: Exception) -> Response:
    structlog.get_logger("gateway").warning("part_away", reason=told(error))
    return await _problem(request, problem("part-away", _PLACE, expected("part-answers"), Retry_After="5"))


async def _stranger(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    if error.status_code == 405:  # noqa: PLR2004 - Method Not Allowed
        allowed = dict(error.headers or {}).get("Allow", "")
        return await _problem(request, problem("method-not-allowed", "method", expected("known-method"), Allow=allowed))
    return await _problem(request, problem("not-found", "address", expected("known-address")))


async def _failed(request: Request, error: Exception) -> Response:
    reason = expected("request-handled", error=type(error).__name__)
    return await _problem(request, problem("gateway-failed", _PLACE, reason))
