"""Cells that a spreadsheet shows and does not run."""

# A spreadsheet runs a cell that begins so as a formula; the wide ones are what an East Asian keyboard writes.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - they are meant


def harmless(text: str) -> str:
    """Keep a cell from being run: what follows an apostrophe is text to a spreadsheet. Source: OWASP, CSV injection."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
