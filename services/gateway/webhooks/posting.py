"""One POST to a partner's endpoint: no redirect is followed, TLS is verified, nothing of the answer is kept."""

import asyncio
from collections.abc import Mapping
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpx

from services.gateway.webhooks.answers import Answer

PATIENCE_S = 20
"""For a whole request. The specification recommends 15 to 30 seconds."""

MOST_BYTES = 4_096
"""Of an answer's body, which is read so that the connection can be used again. Of a longer one the rest is left."""


def caller(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Make the client of one partner; proxies are those of the environment."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=PATIENCE_S,
        follow_redirects=False,
        verify=_certificates(),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"user-agent": "learning-city-hub"},
    )


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post, and return what came back, or why nothing did; errors of the network are no exceptions here."""
    try:
        async with asyncio.timeout(PATIENCE_S), client.stream("POST", url, content=body, headers=headers) as response:
            answer = Answer(response.status_code, response.headers.get("retry-after", ""))
            await _leave(response)
    except TimeoutError:
        return Answer(why=f"no answer within {PATIENCE_S} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answer(why=type(error).__name__)
    return answer


async def _leave(response: httpx.Response) -> None:
    """Read what little there is of a body, unpacked by nobody."""
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > MOST_BYTES:
            return


@cache
def _certificates() -> SSLContext:
    return httpx.create_ssl_context()
