"""What a command tells instead of a traceback, and with which exit code it ends."""


class OperationError(Exception):
    """Something a human must put right; the text says what was expected, what came and what to do."""

    exit_code = 1


class UsageError(OperationError):
    """The command or its settings are wrong."""

    exit_code = 2


class AwayError(OperationError):
    """A part of the hub does not answer."""

    exit_code = 3


class RefusesError(AwayError):
    """A part of the hub answers with a refusal; ``code`` is its own number for the reason."""

    def __init__(self, told: str, code: int) -> None:
        """Keep the number for those who know what to do about it."""
        super().__init__(told)
        self.code = code
