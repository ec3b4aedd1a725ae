"""A CalDAV server that answers as a test says: for what a good server cannot be made to do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

XML = "application/xml; charset=utf-8"
CALENDAR = "/kalender/"


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int
    body: str | bytes = ""
    kind: str = XML
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str]


Script = Callable[[Asked], Said]


class _Handler(BaseHTTPRequestHandler):
    """Answers each request as its script says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are sent apart, and the body would wait 40 ms for an answer
    script: Script

    def answer(self) -> None:
        """Ask the script and send what it says."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        said = self.script(Asked(self.command, self.path, body.decode(), dict(self.headers)))
        raw = said.body if isinstance(said.body, bytes) else said.body.encode()
        self.send_response(said.status)
        for name, value in {"content-type": said.kind, "content-length": str(len(raw)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_REPORT = do_PROPFIND = answer  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Serve a script on a free loopback port; gives the address of its calendar."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Scripted", (_Handler,), {"script": staticmethod(script)}))
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{CALENDAR}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Shelf:
    """A small, honest calendar: resources by name, changes by number; a test bends single answers of it."""

    held: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)  # names, in the order of their changes
    bent: dict[str, Script] = field(default_factory=dict)  # by the word that picks the request

    def put(self, name: str, text: str | None) -> None:
        """Change one resource; None deletes it."""
        self.held.pop(name, None)
        self.held |= {name: text} if text is not None else {}
        self.log.append(name)

    def __call__(self, asked: Asked) -> Said:
        """Answer one request."""
        for word, script in self.bent.items():
            if word in f"{asked.method} {asked.path} {asked.body}":
                return script(asked)
        name = asked.path.removeprefix(CALENDAR)
        if asked.method == "GET":
            found = self.held.get(name)
            return Said(404) if found is None else Said(200, found, "text/calendar", {"etag": self.etag(name)})
        if "sync-collection" in asked.body:
            return self.sync(asked.body.partition("sync-token>")[2].partition("<")[0])
        if "calendar-multiget" in asked.body:
            return multistatus(
                *(self.entry(each, data=True) for each in self.held if f"{CALENDAR}{each}<" in asked.body)
            )
        depth = {key.lower(): value for key, value in asked.headers.items()}.get("depth")
        members = [self.entry(each) for each in self.held] if depth == "1" else []
        return multistatus(itself(), *members)

    def sync(self, token: str) -> Said:
        """Tell what changed since a token: the number of changes so far."""
        names = dict.fromkeys(self.log[int(token or 0) :])
        told = [self.entry(each) if each in self.held else gone(each) for each in names if token or each in self.held]
        return multistatus(*told, f"<D:sync-token>{len(self.log)}</D:sync-token>")

    def etag(self, name: str) -> str:
        """The number of the last change, as ETag."""
        return f'"{len(self.log) - self.log[::-1].index(name)}"'

    def entry(self, name: str, *, data: bool = False) -> str:
        """Tell of one resource."""
        text = f"<C:calendar-data>{self.held[name]}</C:calendar-data>" if data else ""
        found = f"<D:prop><D:getetag>{self.etag(name)}</D:getetag>{text}</D:prop><D:status>HTTP/1.1 200 OK</D:status>"
        return f"<D:response><D:href>{CALENDAR}{name}</D:href><D:propstat>{found}</D:propstat></D:response>"


def itself() -> str:
    """Tell of the calendar."""
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    found = f"<D:propstat><D:prop>{kind}</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
    return f"<D:response><D:href>{CALENDAR}</D:href>{found}</D:response>"


def gone(name: str) -> str:
    """Tell that a resource is gone."""
    return f"<D:response><D:href>{CALENDAR}{name}</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>"


def multistatus(*parts: str) -> Said:
    """Make a multistatus."""
    spaces = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    return Said(207, f'<?xml version="1.0"?><D:multistatus {spaces}>{"".join(parts)}</D:multistatus>')
