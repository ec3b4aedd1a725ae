"""How many cells a workbook's library would make of its parts, counted before it does: few bytes may ask for all."""

from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils.cell import range_boundaries

from flows.connectors.spreadsheet.sheet import TableUnreadableError
from flows.wording import expected

MAX_CELLS = 400_000
"""Of all sheets together, also cells of merged areas and of links: each becomes an object of about 500 bytes."""
MAX_ELEMENTS = 1_200_000
"""Of all parts together: each font, format and piece of a text becomes an object too. A cell is two or three."""
_ROW, _AREAS = "row", frozenset({"mergeCell", "hyperlink"})


@dataclass(slots=True)
class Extent:
    """What was counted so far, over all parts of one workbook."""

    cells: int = 0
    elements: int = 0
    _within: list[str] = field(default_factory=list)

    def begin(self, element: Any) -> None:  # noqa: ANN401 - ElementTree's, as defusedxml gives it
        """Count an element where it begins.

        Raises:
            TableUnreadableError: these are too many.
        """
        name = element.tag.rpartition("}")[2]
        self.elements += 1
        if self._within and self._within[-1] == _ROW:  # the library makes a cell of each, whatever its name
            self.cells += 1
        elif name in _AREAS:
            self.cells += _area(element.get("ref"))
        self.cells += len(element.get("sqref", "").split())  # areas that a rule is for: each an object as large
        self._within.append(name)
        if self.cells > MAX_CELLS:
            raise too_many_cells(MAX_CELLS)
        if self.elements > MAX_ELEMENTS:
            raise TableUnreadableError("file", expected("workbook-elements", most=MAX_ELEMENTS))

    def end(self) -> None:
        """Leave the element that began last and has not ended."""
        self._within.pop()


def too_many_cells(most: int) -> TableUnreadableError:
    """Return the refusal."""
    return TableUnreadableError("file", expected("workbook-cells", most=most))


def _area(ref: str | None) -> int:
    """Return how many cells an area has. One that is not told, or whole rows and columns, has more than we take."""
    try:
        left, top, right, bottom = (corner for corner in range_boundaries(ref or "") if corner is not None)
    except ValueError:
        return MAX_CELLS + 1
    return max(right - left + 1, 1) * max(bottom - top + 1, 1)
