"""What can be wrong with a calendar, said without repeating what it holds."""

from contracts.wording import Wording


class CalendarUnreadableError(Exception):
    """A file, or one event of it, cannot be taken.

    Args:
        place: line and property, such as ``line 12, DTSTART``; never a value.
        reason: what was expected, what came (by kind), what to do; in both languages.
    """

    def __init__(self, place: str, reason: Wording) -> None:
        """Keep place and reason apart: a refusal shows them in two columns."""
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason
