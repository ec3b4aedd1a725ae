"""The club: volunteers keep a table of who wants to take part, and find the hub's answer beside it."""

import csv
from collections.abc import Mapping
from pathlib import Path

from deploy.demo.university import EVENING

PARTNER = "gartenverein-musterhalde"
FOLDER, TABLE = "anmeldungen", "abend.csv"
SETTINGS: Mapping[str, str | float | Mapping[str, str]] = {
    "rest": 0,
    "holds": {FOLDER: "enrolments"},
    "offerings": {"Citizen-Science-Abend": EVENING},
}
_COLUMNS = "Kurs;Nachname;Vorname;Geburtsdatum"


class Club:
    """Its folder, shared with the hub."""

    def __init__(self, folder: Path) -> None:
        """Name the folder, which is made."""
        self.folder = folder
        self._tables = folder / FOLDER
        self._tables.mkdir(parents=True)

    def write(self, *people: tuple[str, str]) -> None:
        """Write the table anew, as an office does it: semicolons, Windows' letters.

        Args:
            people: first and last name, and the date of birth.
        """
        rows = [";".join(("Citizen-Science-Abend", *reversed(name.split(" ")), born)) for name, born in people]
        text = "\r\n".join((_COLUMNS, *rows, ""))
        whole = self._tables / f".{TABLE}.new"
        whole.write_bytes(text.encode("cp1252"))
        whole.replace(self._tables / TABLE)

    def answer(self) -> list[dict[str, str]]:
        """Read the hub's answer, row by row; nothing as long as there is none."""
        try:
            text = (self._tables / f"{TABLE}.antwort.csv").read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return []
        return [row for row in csv.DictReader(text.splitlines(), delimiter=";") if row["Zeile"]]
