"""Whose fault it is when a server does not take what we write: the entry's, or the world's."""

from flows.connector import TargetRefusedError
from flows.connectors.caldav.exchange import Answer
from flows.connectors.caldav.multistatus import preconditions
from flows.wording import expected

DONE = frozenset(range(200, 300))
CHANGED = 412
_OF_THE_ENTRY = {400, 413, 415, 422}
_PRECONDITIONS = {
    *("no-uid-conflict", "valid-calendar-data", "valid-calendar-object-resource", "supported-calendar-data"),
    *("supported-calendar-component", "max-resource-size", "max-instances", "min-date-time", "max-date-time"),
}
"""RFC 4791, section 5.3.2.1."""
_FORBIDDEN, _CONFLICT, _NOT_FOUND = 403, 409, 404


def check(answer: Answer) -> None:
    """Pass what succeeded, or may be tried again at once because the resource has changed (412).

    Raises:
        TargetRefusedError: this entry is refused; another one may be taken.
        PermissionError: nothing may be written there.
        OSError: the calendar is not there or the server fails; later it may work.
    """
    if answer.status in DONE or answer.status == CHANGED:
        return
    named = preconditions(answer) & _PRECONDITIONS
    if named or answer.status in _OF_THE_ENTRY:
        rule = ", ".join(sorted(named)) or f"status {answer.status}"
        raise TargetRefusedError(expected("taken-by-calendar", rule=rule))
    if answer.status == _FORBIDDEN:
        raise PermissionError("expected the right to write into the calendar, came status 403; grant it to 'user'")
    if answer.status in {_NOT_FOUND, _CONFLICT}:
        raise FileNotFoundError(f"expected the calendar to be there, came status {answer.status}; check 'url'")
    raise ConnectionError(f"expected the entry to be taken, came status {answer.status}")
