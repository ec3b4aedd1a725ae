"""The body of a request, read with a limit of size and of time."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from contracts.wording import expected
from services.gateway.problems import problem

MOST_BYTES = 1_000_000
PATIENCE_S = 30
_PLACE = "body"


async def read_body(request: Request) -> bytes:
    """Return the whole body.

    Raises:
        ProblemError: it is too large, compressed, or does not come to its end.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise problem("media-type-unknown", "header content-encoding", expected("body-plain"))
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await _read(request)
    except (TimeoutError, ClientDisconnect):
        raise problem("body-late", _PLACE, expected("body-in-time", most=PATIENCE_S), Connection="close") from None


async def _read(request: Request) -> bytes:
    whole = bytearray()
    async for part in request.stream():
        whole += part
        if len(whole) > MOST_BYTES:
            raise _too_large()
    return bytes(whole)


def _too_large() -> Exception:
    return problem("body-too-large", _PLACE, expected("body-size", most=MOST_BYTES), Connection="close")
