"""What partners read exists in English and German, and the two say the same."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAIRS = [
    ("for-partners.md", "fuer-partner.md"),
    ("crosswalk.md", "feldvergleich.md"),
    ("for-analysts.md", "fuer-analysten.md"),
    ("frameworks.md", "rahmenwerke.md"),
]
Table = list[list[list[str]]]


def tables(page: str) -> list[Table]:
    """The backticked words of each cell of each table of a page, sorted: a sentence's order differs by language."""
    found = re.findall(r"(?:^\|.*\n?)+", page, re.MULTILINE)
    return [
        [[sorted(re.findall(r"`[^`]+`", cell)) for cell in row.strip("|").split("|")] for row in table.splitlines()]
        for table in found
    ]


@pytest.mark.parametrize(("english", "german"), PAIRS)
def test_both_languages_have_the_same_tables(english: str, german: str) -> None:
    """Row by row and cell by cell the two pages name the same fields, properties and values."""
    ours, theirs = (tables((DOCS / name).read_text(encoding="utf-8")) for name in (english, german))
    assert ours
    assert [len(table) for table in ours] == [len(table) for table in theirs]
    rows = zip((row for table in ours for row in table), (row for table in theirs for row in table), strict=True)
    assert [pair for pair in rows if pair[0] != pair[1]] == []


@pytest.mark.parametrize(("english", "german"), PAIRS)
def test_each_page_begins_with_a_link_to_the_other(english: str, german: str) -> None:
    """Whoever opened the page in the wrong language finds the other one below its title."""
    assert f"\n\n*Deutsch: [{german}]({german})*\n" in (DOCS / english).read_text(encoding="utf-8")
    assert f"\n\n*English: [{english}]({english})*\n" in (DOCS / german).read_text(encoding="utf-8")


@pytest.mark.parametrize("pages", list(zip(*PAIRS, strict=True)), ids=["english", "german"])
def test_links_stay_in_the_language_of_the_page(pages: tuple[str, ...]) -> None:
    """From a page one comes to pages of its own language; only the line below the title leads to its twin."""
    for page in pages:
        text = (DOCS / page).read_text(encoding="utf-8").split("\n", 3)[3]
        assert set(re.findall(r"\]\((\w[\w-]*\.md)\)", text)) <= set(pages), page
