"""One log for all: structlog, with the libraries' own lines passed through the same processors.

An exception is told by its frames and its class. Its text is not: a database error quotes the row it refused.
"""

import logging
import os
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from services.runtime.engine.blame import told
from services.runtime.settings import Settings

_QUIET = dict.fromkeys(("aiokafka", "faststream", "uvicorn", "httpx", "httpcore"), logging.WARNING)


def _without_values(_: Any, __: str, event: EventDict) -> EventDict:  # noqa: ANN401 - structlog's own signature
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else (info[1] if isinstance(info, tuple) else sys.exc_info()[1])
    if info and error is not None:
        event["error"] = type(error).__name__
        event["reason"] = told(error)
        frames = traceback.extract_tb(error.__traceback__)
        event["frames"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    return event


def configure(settings: Settings, service: str) -> None:
    """Send every log line of this process to standard error, as JSON or for a terminal, with the service's name."""
    shared, stdlib = _shared(service), structlog.stdlib
    structlog.configure(
        processors=[stdlib.filter_by_level, *shared, stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=stdlib.LoggerFactory(),
        wrapper_class=stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last = [stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings.log_format)]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def _shared(service: str) -> list[Processor]:
    """What our own lines and those of the libraries go through."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _, __, event: {**event, "service": service},
        _without_values,
    ]


def _renderer(log_format: str) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))
