"""What an agreement says of a folder of tables: where it is, and how its columns are called."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contracts.agreement import Part
from contracts.text import LanguageTag, Line, ObjectId
from flows.connectors.spreadsheet.columns import ENROLMENTS, EVENTS, Kind

_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,60}\Z")
LISTS = "out"
"""The folder of participants' lists: no tables are read there."""


def _field_of(kind: Kind) -> Callable[[str], str]:
    def known(name: str) -> str:
        if name not in kind.columns():
            raise ValueError(f"expected fields that a row can have, {', '.join(kind.columns())}; came another")
        return name

    return known


def _read_here(name: str) -> str:
    if not _FOLDER.match(name):
        raise ValueError("expected names of folders in it, of letters, digits, hyphens and underscores; came another")
    if name == LISTS:
        raise ValueError(f"expected folders of tables, came {LISTS}: participants' lists are written there")
    return name


Subfolder = Annotated[str, AfterValidator(_read_here)]


class SpreadsheetSettings(Part):
    """``[connector.settings]`` of ``kind = "spreadsheet"``."""

    folder: Line = Field(
        description="the partner's folder; one that is not absolute lies in the folder of the agreements",
        examples=["/srv/hub/sportverein-schalke"],
    )
    language: LanguageTag = Field(
        default="de",
        description="language of the tables' texts, as BCP 47 tag; answers are in German, or else in English",
        examples=["de"],
    )
    holds: dict[Subfolder, Literal["events", "enrolments"]] = Field(
        default={"in": "events"},
        description="what the tables of each folder in it are: events, or enrolments (requests for places)",
        examples=[{"in": "events", "anmeldungen": "enrolments"}],
    )
    columns: dict[Annotated[str, AfterValidator(_field_of(EVENTS))], Line] = Field(
        default_factory=dict,
        description="how a field's column is headed, where the usual words do not say it",
        examples=[{"title": "Angebot", "date": "Wann"}],
    )
    enrolment_columns: dict[Annotated[str, AfterValidator(_field_of(ENROLMENTS))], Line] = Field(
        default_factory=dict,
        description="the same for tables of enrolments",
        examples=[{"offering": "Workshop", "birth": "geb."}],
    )
    offerings: dict[Line, ObjectId] = Field(
        default_factory=dict,
        description="which event or study is meant by what people write, where it is not its own identifier",
        examples=[{"Kompostkurs": "gartenverein-musterhalde:K-1"}],
    )
    lists: Literal["xlsx", "csv"] = Field(
        default="xlsx", description="in which form participants' lists are written, by a push", examples=["csv"]
    )
    sheets: tuple[Line, ...] = Field(
        default=(),
        description="which sheets of a workbook are read, by name; all that are not hidden where it is left out",
        examples=[["Kurse"]],
    )
    dates: Literal["1900", "1904"] = Field(
        default="1900",
        description="from which year days are counted where a CSV file has a number for a date; workbooks say it",
        examples=["1904"],
    )
    rest: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="seconds for which a file that is new or changed must rest before it is read",
        examples=[5.0],
    )
