"""Who keeps the city's calendar: writes and reads it over CalDAV, with a client that is not the hub's."""

from urllib.parse import urlsplit

import httpx

from deploy.demo.calendar_server import USER

_MKCALENDAR = """<?xml version="1.0"?><mkcalendar xmlns="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:set><d:prop>
<d:displayname>Lernende Stadt</d:displayname></d:prop></d:set></mkcalendar>"""


class Clerk:
    """The city's own access to its calendar."""

    def __init__(self, calendar: str, secret: str) -> None:
        """Know the calendar's address and the password."""
        self._calendar = calendar
        self._http = httpx.Client(auth=(USER, secret), timeout=10, trust_env=False)

    def path(self, name: str) -> str:
        """Return the path by which the server calls an entry."""
        return f"{urlsplit(self._calendar).path}{name}.ics"

    def answers(self) -> bool:
        """Whether the server is there."""
        try:
            return self._http.options(self._calendar).status_code < httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.TransportError:
            return False

    def make_calendar(self) -> None:
        """Make the calendar where there is none."""
        self._http.request("MKCALENDAR", self._calendar, content=_MKCALENDAR)

    def put(self, name: str, text: str) -> None:
        """Write an entry, new or changed."""
        self._http.put(f"{self._calendar}{name}.ics", content=text.encode()).raise_for_status()

    def delete(self, name: str) -> None:
        """Remove an entry."""
        self._http.delete(f"{self._calendar}{name}.ics").raise_for_status()

    def entries(self) -> list[str]:
        """Read the whole calendar, entry by entry, as text."""
        answer = self._http.request("GET", self._calendar).raise_for_status()
        return [answer.text]

    def close(self) -> None:
        """Hang up."""
        self._http.close()
