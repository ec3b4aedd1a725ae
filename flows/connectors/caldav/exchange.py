"""One HTTP exchange: bounded, repeated where the server asks for it, its failures sorted by whose they are.

httpx rather than the caldav library: that one hides what deciding needs (single statuses of a multistatus, 507, a cut
answer), reads bodies without bound and trusts an empty list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from flows.connector import SourceUnusableError
from flows.connectors.caldav.settings import address

MAX_BODY = 64_000_000
_ATTEMPTS = 4
_LONGEST_WAIT = 30.0  # seconds; a server that asks for more is asked again in the next run
_LATER = {408, 425, 429, 500, 502, 503, 504, 507}


class BusyError(ConnectionError):
    """The server cannot answer now; ``wait`` seconds as it said, where it did."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        """Keep the wait for the next attempt."""
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def etag(self) -> str | None:
        """The entity tag as sent, quotes included; a weak one cannot guard a write and counts as none."""
        etag = self.headers.get("etag")
        return None if etag is None or etag.startswith("W/") else etag


class Exchange:
    """A connection to one server; every path is asked there and nowhere else, whatever an answer says."""

    def __init__(self, url: str, auth: tuple[str, str] | None, *, patience: float = 1.0) -> None:
        """Prepare; nothing is sent.

        Args:
            url: the server or calendar, http or https, without user and password.
            auth: user and password for HTTP Basic.
            patience: factor on the waits between attempts.

        Raises:
            SettingsWrongError: the URL is none that could be asked.
        """
        parts = address(url)
        self.start = parts.path or "/"
        self._origin, self._patience = f"{parts.scheme}://{parts.netloc}", patience
        self._host = parts.hostname
        self._client = httpx.AsyncClient(
            auth=auth, timeout=httpx.Timeout(30, connect=10), follow_redirects=False, verify=_certificates()
        )

    async def __aenter__(self) -> Self:
        """Open nothing yet: the first request connects."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read its whole answer; redirects are answers too.

        Raises:
            ConnectionError: no answer, or one that asks to come back, after several attempts.
            PermissionError: the server refuses user or password.
            SourceUnusableError: the answer is larger than any calendar.
        """
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((BusyError, httpx.TransportError)),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._wait,
            reraise=True,
        )
        try:
            async for attempt in attempts:
                with attempt:
                    answer = await self._once(method, path, body, headers or {})
        except httpx.TransportError as error:
            raise ConnectionError(f"{self._host} cannot be reached: {type(error).__name__}") from None
        if answer.status == httpx.codes.UNAUTHORIZED:
            raise PermissionError(f"{self._host} refuses the user or the password; correct 'user' or its secret")
        return answer

    def path_of(self, href: str) -> str:
        """Return the path of an href, wherever it points: only our own server is asked."""
        return urlsplit(urljoin(self._origin + self.start, href)).path

    async def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        async with self._client.stream(method, self._origin + path, content=body, headers=dict(headers)) as response:
            if response.status_code in _LATER:
                raise BusyError(f"{self._host} answered {response.status_code}", _seconds(response.headers))
            received = bytearray()
            async for part in response.aiter_bytes():
                received += part
                if len(received) > MAX_BODY:
                    raise SourceUnusableError(
                        f"{self._host}: expected at most {MAX_BODY} bytes in an answer, came more"
                    )
            return Answer(response.status_code, response.headers, bytes(received))

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, BusyError) else None
        usual = wait_exponential_jitter(multiplier=0.5, max=8)(state)
        return min(_LONGEST_WAIT, asked if asked is not None else usual) * self._patience


@cache
def _certificates() -> SSLContext:
    """Read the authorities that httpx trusts once a process: it would hold up every pull that runs for 25 ms a time."""
    return httpx.create_ssl_context()


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After in seconds; its other form, a date, counts as none."""
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isdecimal() else None
