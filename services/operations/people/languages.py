"""In which language a human is told."""

from enum import StrEnum
from typing import Annotated

import typer


class Language(StrEnum):
    """In which language a human is told."""

    GERMAN = "de"
    ENGLISH = "en"


Tongue = Annotated[Language, typer.Option("--language", "--lang", help="Language of what the human gets.")]
