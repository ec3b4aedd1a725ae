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
