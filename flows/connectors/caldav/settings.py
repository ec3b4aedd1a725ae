"""What an agreement says of a calendar: where it is and who asks."""

from pathlib import PurePath
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from contracts.agreement import Part
from contracts.text import LanguageTag, Line
from flows.connector import SettingsWrongError


def address(url: str) -> SplitResult:
    """Take an address apart.

    Raises:
        SettingsWrongError: nobody can be asked there, or it holds a secret.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # whose text may quote the address
        usable = False
    if not usable or parts.username or parts.password:
        raise SettingsWrongError("expected https://host/path without user or password; name the user in 'user'")
    return parts


def _addressed(url: str) -> str:
    address(url)
    return url


def _in_the_folder(name: str) -> str:
    if PurePath(name).name != name:
        raise ValueError("expected the name of a file in the folder of secrets, came a path")
    return name


class CalDavSettings(Part):
    """``[connector.settings]`` of ``kind = "caldav"``."""

    url: Annotated[Line, AfterValidator(_addressed)] = Field(
        description="address of the calendar, or of the server, which is then asked for the user's calendars",
        examples=["https://cloud.example/remote.php/dav/calendars/hub/courses/"],
    )
    user: Line | None = Field(
        default=None, description="user name; without one the server is asked without login", examples=["hub"]
    )
    secret: Annotated[Line, AfterValidator(_in_the_folder)] | None = Field(
        default=None,
        description="name of the secret file with the user's password; caldav-<partner> where it is left out",
        examples=["caldav-stadt-gelsenkirchen"],
    )
    calendar: Line | None = Field(
        default=None,
        description="which of several calendars: its name, or the last part of its address",
        examples=["Kurse"],
    )
    language: LanguageTag = Field(
        default="de", description="language of texts that name none, as BCP 47 tag", examples=["de"]
    )
