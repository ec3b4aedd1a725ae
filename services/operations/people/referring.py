"""References to humans as commands take them."""

import re
from typing import Annotated

import typer

from contracts import spelling
from services.operations.errors import UsageError

Reference = Annotated[str, typer.Argument(metavar="PERSON_REF", help="As facts carry it: 26 letters and digits.")]


def require_reference(text: str) -> None:
    """See that it is spelled like one. What else came is not told: it may be a name.

    Raises:
        UsageError: it is not.
    """
    if not re.fullmatch(spelling.PERSON_REF, text):
        raise UsageError(
            f"expected a person_ref, 26 letters a-z and digits 2-7, came a text of {len(text)}: "
            "'hub person find --partner PARTNER' tells it"
        )
