"""Gets the user's own calendar: a file, or an address. Failures are sentences; an address is told by its host."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.demo.guests import GuestCalendarError

MAX_BYTES = 5_000_000
PATIENCE = 20  # seconds for an answer
_SPOKEN = {"webcal": "https", "webcals": "https", "https": "https", "http": "http"}


def fetch(calendar: str) -> bytes:
    """Return what lies at a path or an address (https, http or webcal).

    Raises:
        GuestCalendarError: nothing can be read there, or more than `MAX_BYTES`.
    """
    data = _from_web(calendar) if "://" in calendar else _from_file(calendar)
    if len(data) > MAX_BYTES:
        raise GuestCalendarError(
            f"expected a calendar of at most {MAX_BYTES // 1_000_000} MB, {_place(calendar)} is larger: export less"
        )
    return data


def _from_file(calendar: str) -> bytes:
    path = Path(calendar).expanduser()
    try:
        if path.exists() and not path.is_file():
            raise GuestCalendarError(
                f"expected a file of iCalendar text, {calendar} is none: name the .ics file itself"
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise GuestCalendarError(
            f"expected a calendar file that can be read at {calendar}, came: {reason}. Check the path and its rights"
        ) from None


def _from_web(calendar: str) -> bytes:
    scheme, _, rest = calendar.partition("://")
    if scheme.lower() not in _SPOKEN:
        raise GuestCalendarError(
            f"expected an address that begins with https://, http:// or webcal://, or the path of a file, came {scheme}://"
        )
    try:
        return _body(f"{_SPOKEN[scheme.lower()]}://{rest}")
    except httpx.HTTPStatusError as error:
        came, todo = f"{error.response.status_code} {error.response.reason_phrase}", "it must be open without a login"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        came, todo = f"no answer ({type(error).__name__})", "or save the calendar and name the file"
    raise GuestCalendarError(f"expected a calendar at {_place(calendar)}, came {came}: check the address; {todo}")


def _body(address: str) -> bytes:
    """Read an answer, no further than is needed to see that it is too large."""
    found = bytearray()
    with httpx.stream("GET", address, follow_redirects=True, timeout=PATIENCE) as answer:
        for part in answer.raise_for_status().iter_bytes():
            found += part
            if len(found) > MAX_BYTES:
                break
    return bytes(found)


def _place(calendar: str) -> str:
    """Name a calendar; an address without the token that a private one carries."""
    if "://" not in calendar:
        return calendar
    try:
        return urlsplit(calendar).hostname or "that address"
    except ValueError:
        return "that address"
