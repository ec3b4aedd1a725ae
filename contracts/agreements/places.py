"""In which line of a TOML file a key stands: Python's TOML reader does not tell."""

import re
from collections.abc import Sequence

_TABLE = re.compile(r"^\s*\[+\s*([A-Za-z0-9_.\" -]+?)\s*\]+\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"-]+)\s*=")


class Places:
    """The lines of a file by the path of the key that begins there. Good enough for the plain TOML of agreements."""

    def __init__(self, text: str) -> None:
        """Scan once."""
        self._lines = text.splitlines()
        self._starts: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(self._lines, 1):
            if header := _TABLE.match(line):
                table = _steps(header[1])
                self._starts.setdefault(table, number)
            elif key := _KEY.match(line):
                self._starts.setdefault((*table, *_steps(key[1])), number)

    def line(self, path: Sequence[str | int], value: object = None) -> int:
        """Return the line (from 1) of a key, or of the nearest table around it; 1 if there is none.

        Args:
            path: the steps to the key; numbers, the places in lists, are passed over.
            value: text to look for from there on, for lists that go over many lines.
        """
        steps = tuple(step for step in path if isinstance(step, str))
        start = next((self._starts[steps[:n]] for n in range(len(steps), 0, -1) if steps[:n] in self._starts), 1)
        if isinstance(value, str):
            for number in range(start, len(self._lines) + 1):
                if f'"{value}"' in self._lines[number - 1]:
                    return number
        return start


def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(step.strip().strip('"') for step in dotted.split("."))
