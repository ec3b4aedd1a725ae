"""Tables that a German spreadsheet opens without questions, and runs nothing of."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide forms count too


def written(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write CSV with semicolons and a byte order mark, as a German Excel expects it; no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in (header, *rows))
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Keep a cell from being run as a formula: a spreadsheet takes what follows an apostrophe as text.

    After OWASP's page "CSV Injection".
    """
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
