"""What stands between the hub and a calendar server: an HTTP proxy to which mishaps can be told."""

import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

from deploy.ports import HOST
from tests.faults.calendars.mishaps import Answer, Asked, Mishap

_FORGOTTEN = b'<?xml version="1.0"?><D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>'
_PASSED = ("authorization", "content-type", "depth")
MANNERS = ("with tokens", "forgetful", "without tokens")
"""How a server tells changes: since a token; by telling all, since it forgets every token; not at all."""


@dataclass(slots=True)
class Gateway:
    """A port that leads to a server. ``mishap`` befalls its answers after the first ``spared`` ones."""

    server: str  # its address, without a path
    port: int
    manner: str = MANNERS[0]
    mishap: Mishap | None = None
    spared: int = 0
    befallen: int = 0
    hasty: int = 0  # requests that came sooner than the last answer had asked for
    _not_before: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _http: Any = None
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, trust_env=False))

    def __enter__(self) -> Self:
        """Listen."""
        self._http = _Server((HOST, self.port), type("Passing", (_Handler,), {"gateway": self}))
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._http.shutdown()
        self._http.server_close()
        self._client.close()

    def begin(self, *, spared: int = 0) -> None:
        """A pull begins: it knows nothing of what another one was asked to wait for."""
        self.spared, self._not_before = spared, 0.0

    def answer(self, asked: Asked, headers: dict[str, str]) -> Answer:
        """Ask the server, unless its manner is to know no answer, and let happen what is to happen."""
        told = self._refused(asked) or self._asked(asked, headers)
        with self._lock:
            self.hasty += time.monotonic() < self._not_before
            if self.mishap is None or asked.kind not in self.mishap.befalls:
                return told
            self.spared -= 1
            if self.spared >= 0:
                return told
            spoilt = self.mishap.becomes(told)
            self.befallen += spoilt != told
            self._not_before = time.monotonic() + (spoilt.retry_after or 0)
            return spoilt

    def _refused(self, asked: Asked) -> Answer | None:
        """RFC 6578: a token that is no longer valid is a failed precondition; who knows no tokens knows no report."""
        if b"sync-collection" not in asked.body:
            return None
        if self.manner == "without tokens":
            return Answer(501, "text/plain", b"not implemented")
        if self.manner == "forgetful" and b"sync-token></" not in asked.body:
            return Answer(403, "application/xml", _FORGOTTEN)
        return None

    def _asked(self, asked: Asked, headers: dict[str, str]) -> Answer:
        found = self._client.request(asked.method, self.server + asked.path, content=asked.body, headers=headers)
        kind = found.headers.get("content-type", "")
        return Answer(found.status_code, kind, found.content, found.headers.get("etag", ""))


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of who hung up; of anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """Passes every request on to its gateway."""

    protocol_version = "HTTP/1.1"
    gateway: Gateway

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        passed = {name: self.headers[name] for name in _PASSED if name in self.headers}
        asked = Asked(self.command, self.path, passed.get("depth", ""), body)
        try:
            self._tell(self.gateway.answer(asked, passed))
        except OSError:
            self.close_connection = True  # who asked has gone

    def _tell(self, answer: Answer) -> None:
        time.sleep(answer.wait)
        self.send_response(answer.status)
        length = ("content-length", str(len(answer.body))) if answer.counted else ("connection", "close")
        again = None if answer.retry_after is None else str(answer.retry_after)
        for name, value in (("content-type", answer.kind), ("etag", answer.etag), ("retry-after", again), length):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: answer.sent])
        self.close_connection |= answer.sent is not None

    do_GET = do_PROPFIND = do_REPORT = _pass  # noqa: N815 - the names that http.server calls
