"""What a query may say."""

from starlette.requests import Request

from contracts.wording import expected
from services.gateway.problems import problem

LARGEST = 2**63 - 1
_FLAGS = {"1": True, "true": True, "0": False, "false": False, "": True}


def number(request: Request, name: str, least: int, most: int, default: int) -> int:
    """Return a whole number.

    Raises:
        ProblemError: it is none, or beyond its limits.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and least <= int(text) <= most):
        raise problem("parameter-invalid", f"parameter {name}", expected("parameter-between", ge=least, le=most))
    return int(text)


def flag(request: Request, name: str) -> bool:
    """Return whether something is asked for.

    Raises:
        ProblemError: it says neither yes nor no.
    """
    text = request.query_params.get(name)
    if text is not None and text.lower() not in _FLAGS:
        raise problem("parameter-invalid", f"parameter {name}", expected("parameter-flag"))
    return text is not None and _FLAGS[text.lower()]
