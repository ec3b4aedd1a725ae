"""What is kept of partners' credentials: a file for each kind and partner among the secrets, a line for each one.

Whoever holds several at one time can change them without a moment in which none is valid.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from services.runtime.private_file import replace

Kept = TypeVar("Kept")


class PartnerFileDamagedError(Exception):
    """A file of credentials holds something else; the message names it, never its content."""


@dataclass(frozen=True, slots=True)
class PartnerFile(ABC, Generic[Kept]):
    """One partner's: ``<secrets>/<kind>-<partner>``, the oldest first."""

    kind: ClassVar[str]
    form: ClassVar[str]  # what each line must be, for the error's sentence
    remedy: ClassVar[str]

    secrets: Path
    partner: str

    @staticmethod
    @abstractmethod
    def parsed(line: str) -> Kept | None:
        """Return what a line says; None where it is none that `write` writes."""

    @staticmethod
    @abstractmethod
    def written(kept: Kept) -> str:
        """Return the line that says it."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.secrets / f"{self.kind}-{self.partner}"

    def read(self) -> list[Kept]:
        """Return what is kept; nothing where there is no file.

        Raises:
            OSError: the file is there and cannot be read.
            PartnerFileDamagedError: a line of it is of another form. The others do not count either: left out, it
                would be gone for good when the file is written again.
        """
        try:
            lines = self.path.read_bytes().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        kept = [each for each in map(self.parsed, lines) if each is not None]
        if len(kept) < len(lines):
            raise PartnerFileDamagedError(
                f"expected in each line of {self.path} {self.form}, came something else: put back a copy of the file, "
                f"or {self.remedy}"
            )
        return kept

    def write(self, kept: Iterable[Kept]) -> None:
        """Replace the file at once; nobody but its owner can read it."""
        replace(self.path, "".join(f"{self.written(each)}\n" for each in kept))

    def remove(self) -> None:
        """Let none of them count any more, for good."""
        self.path.unlink(missing_ok=True)

    @classmethod
    def holders(cls, secrets: Path) -> list[str]:
        """Return the partners that hold one, with an agreement or without; of a damaged file none counts: it is left.

        Raises:
            OSError: a file is there and cannot be read.
        """
        found = []
        for path in sorted(secrets.glob(f"{cls.kind}-*")):
            partner = path.name.removeprefix(f"{cls.kind}-")
            with suppress(PartnerFileDamagedError):  # or somebody else's file, such as a connector's secret
                found += [partner] if cls(secrets, partner).read() else []
        return found
