"""What an agreement says of a folder of tables: where it is, and how its columns are called."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contracts.agreement import Part
from contracts.text import LanguageTag, Line
from flows.connectors.spreadsheet.columns import EVENTS


def _of_events(name: str) -> str:
    if name not in EVENTS.columns():
        raise ValueError(f"expected fields that a row can have, {', '.join(EVENTS.columns())}; came another")
    return name


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
    columns: dict[Annotated[str, AfterValidator(_of_events)], Line] = Field(
        default_factory=dict,
        description="how a field's column is headed, where the usual words do not say it",
        examples=[{"title": "Angebot", "date": "Wann"}],
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
