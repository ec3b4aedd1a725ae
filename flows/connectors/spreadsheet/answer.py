"""The answer beside a table: row by row what became of it and why. Pure; the same reading gives the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property

from contracts.wording import Sentences
from flows.connector import Outcome, Refused
from flows.connectors.cells import written
from flows.connectors.spreadsheet.fates import FATES, Heard, fate
from flows.connectors.spreadsheet.lines import Found, Line, Page

said = Sentences(__package__, "answers")
_COUNTED = {"taken": ("taken", "taken-without", *FATES), "refused": ("refused",), "passed": ("passed",)}
_COLUMNS = ("sheet", "row", "id", "result", "field", "cell", "why")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the answer, in the order of its columns."""

    sheet: str = ""
    row: str = ""
    uid: str = ""
    result: str = ""
    heading: str = ""
    cell: str = ""
    why: str = ""


@dataclass(frozen=True)
class Answer:
    """What an answer is made of. ``refused``: by sheet and row, or by what the place says where that is no row.

    ``known``: what the hub told of enrolments, by id.
    """

    found: Found
    refused: Mapping[str, Sequence[Refused]]
    language: str
    known: Mapping[str, Heard] = field(default_factory=dict)

    @cached_property
    def lost(self) -> Mapping[str, Sequence[Refused]]:
        """Events that the flow refused as a whole, by identifier: it names their first row alone."""
        found = ((line.uid, self.refused.get(line.record.place, ())) for line in self.found.lines)
        return {uid: refused for uid, refused in found if uid and any(each.raw is None for each in refused)}

    def word(self, sentence: str, **gaps: object) -> str:
        """Return a sentence in the answer's language."""
        return said(sentence, **gaps).told(self.language)


def answer(
    source_id: str, found: Found, outcome: Outcome, language: str, known: Mapping[str, Heard] | None = None
) -> bytes:
    """Write the answer to one file, as CSV.

    Args:
        source_id: the file.
        found: what it says.
        outcome: what became of it.
        language: ``de`` or ``en``.
        known: what the hub told of enrolments, by id.
    """
    refused: dict[str, list[Refused]] = {}
    for each in outcome.refused:
        if each.source_id == source_id:
            refused.setdefault(", ".join(each.place.split(", ")[:2]), []).append(each)
    given = Answer(found, refused, language, known or {})
    rows = [each for line in found.lines for each in _of_line(given, line)]
    for page in found.pages:
        rows += [_passed(given, page, number, why) for number, why in page.passed.items()]
    order = {page.sheet.name: page.sheet.number for page in found.pages}
    rows.sort(key=lambda told: (order[told.sheet], int(told.row)))
    missing = {name: meaning for name, (source, meaning) in outcome.missing.items() if source == source_id}
    whole = [*_summary(given, rows), *_of_file(given), *_of_columns(given), *rows, *_missing(given, missing)]
    return written([given.word(f"column-{name}") for name in _COLUMNS], (astuple(told) for told in whole))


def _of_line(given: Answer, line: Line) -> Iterator[Told]:
    record, uid = line.record, line.uid or line.record.text("id")
    at = (record.sheet.name, str(record.row.number), uid)
    refused = given.refused.get(record.place) or given.lost.get(line.uid, ())
    for each in refused:
        name = each.place.removeprefix(record.place).removeprefix(", ")
        result = given.word("hidden" if each.not_public else "refused")
        yield Told(*at, result, *_cell(given, line, name), each.reason.told(given.language))
    if not refused and line.same:
        yield Told(*at, given.word("passed"), why=given.word("passed-same"))
    elif not refused:
        assumed = [("date", said(f"assumed-{flag.replace(' ', '-')}")) for flag in line.flags]
        for result, notes in (("taken-without", line.notes), ("taken", assumed)):
            for name, note in notes:
                yield Told(*at, given.word(result), *_cell(given, line, name), note.told(given.language))
        if line.told:
            fated, why = fate(given.known.get(line.told, Heard()), leaving=line.leaving)
            yield Told(*at, given.word(fated), why=why.told(given.language))
        elif not line.notes and not assumed:
            yield Told(*at, given.word("taken"))


def _cell(given: Answer, line: Line, name: str) -> tuple[str, str]:
    """Return the heading of a field's column, and what stands there."""
    page = next(page for page in given.found.pages if page.sheet is line.record.sheet)
    column = page.header.columns.get(name)
    return ("", "") if column is None else (str(page.header.row.cell(column) or ""), line.record.text(name))


def _passed(given: Answer, page: Page, number: int, why: str) -> Told:
    return Told(page.sheet.name, str(number), result=given.word("passed"), why=given.word(why))


def _summary(given: Answer, rows: Sequence[Told]) -> Iterator[Told]:
    counted = {
        name: len({(told.sheet, told.row) for told in rows if told.result in {given.word(each) for each in results}})
        for name, results in _COUNTED.items()
    }
    kept = not given.found.personal and any(not each.not_public for told in given.refused.values() for each in told)
    why = given.word("summary-counts", **counted) + ("; " + given.word("summary-kept") if kept else "")
    yield Told(result=given.word("summary"), why=why)


def _of_file(given: Answer) -> Iterator[Told]:
    """Tell what is refused as a whole: the file, or a sheet."""
    rows = {line.record.place for line in given.found.lines}
    for place in sorted(given.refused.keys() - rows):
        for each in given.refused[place]:
            yield Told(result=given.word("refused"), why=f"{each.reason.told(given.language)} ({each.place})")


def _of_columns(given: Answer) -> Iterator[Told]:
    for page in given.found.pages:
        for sentence, columns in (("columns-personal", page.header.personal), ("columns-strange", page.header.strange)):
            if columns:
                listed = ", ".join(f"„{each}“" for each in columns)
                yield Told(page.sheet.name, result=given.word("unread"), why=given.word(sentence, columns=listed))
        if given.found.personal:
            yield Told(page.sheet.name, result=given.word("summary"), why=given.word("by-word-alone"))
        elif "id" not in page.header.columns:
            yield Told(page.sheet.name, result=given.word("summary"), why=given.word("without-id"))


def _missing(given: Answer, missing: Mapping[str, str]) -> Iterator[Told]:
    for object_id, meaning in sorted(missing.items()):
        own = object_id.partition(":")[2]
        yield Told(uid=own, result=given.word("missing"), why=given.word(f"missing-{meaning}"))
