"""The data set for analysts: what its files hold, what its dictionary says, and that others can open it."""

import asyncio
import csv
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Envelope, source_of
from contracts.fact import Fact
from contracts.registry import CONTRACTS, STREAMS, kind_of
from contracts.topics import UNIFIED
from services.operations import analysis
from services.operations.analysis import exporting
from services.operations.analysis.columns import Column, columns, dictionary
from services.operations.analysis.datapackage import FILE, NAME
from services.operations.analysis.export import export
from services.operations.analysis.export_files import arrow, sheet
from services.operations.analysis.exporting import Exported
from services.operations.analysis.holding import NAMED, Holding, Told, Withdrawn, about, columns_of, kinds, state_of
from services.operations.analysis.replacing import replaced
from services.operations.errors import OperationError, UsageError
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.contracts.strategies import FACTS
from tests.contracts.worlds import examples, message, parts, subject_of, type_of
from tests.operations.worlds import hub, hub_inside

NOW = datetime(2027, 1, 1, tzinfo=UTC)
EVENT = "de.lernende-stadt.event"


def told(contract: str, body: dict[str, Any], at: datetime = NOW) -> Told:
    """A fact of the unified stream."""
    revision = int(body["revision"])
    return Told(
        Envelope(f"f-{revision}", contract, "2027-01-01T09:30:00+01:00", "/partners/vhs", "vhs:1", revision), at, body
    )


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_object_has_described_columns(kind: str) -> None:
    """No two columns have one name, and each is told in both languages, those within lists, too."""
    found = columns_of(kinds()[kind])
    names = [column.name for column in found]
    assert sorted({*names}) == sorted(names)
    assert not {column.name for column in about()} & {column.name for column in columns(kinds()[kind])}
    assert [column.name for column in _deep(found) if not (column.en and column.de)] == []


def _deep(found: tuple[Column, ...]) -> Iterator[Column]:
    for column in found:
        yield column
        inner = column.kind.of[0] if column.kind.of else None
        yield from _deep(inner.kind.of) if inner else ()


def test_units_are_those_of_fields_there_are() -> None:
    """No unit of a field that is no more."""
    known = {part.__name__: {*part.model_fields} for each in CONTRACTS.values() for part in parts(each)}
    assert [(p, name) for p, row in dictionary()["unit"].items() for name in row if name not in known.get(p, ())] == []


@given(st.data())
def test_each_fact_fits_its_columns(data: st.DataObject) -> None:
    """Whatever a contract lets through has a value in each column, which Arrow keeps as it is."""
    contract: type[Fact] = data.draw(st.sampled_from([each for each in FACTS if each.stream in STREAMS]))
    fact = data.draw(FACTS[contract])
    assert _unfit(contract, fact.model_dump(mode="json", exclude_none=True)) == []


@pytest.mark.parametrize("name", [name for name in examples() if CONTRACTS[type_of(name)].stream in STREAMS])
def test_each_example_fits_its_columns(name: str) -> None:
    """Every kind of value that the examples have: days, amounts, moments with and without a zone, lists of parts."""
    assert _unfit(CONTRACTS[type_of(name)], examples()[name]) == []


def _unfit(contract: type[Fact], body: dict[str, Any]) -> list[str]:
    """The columns that Arrow does not keep as they are."""
    row = told(contract.type, body).row()
    values = {column.name: (column.value(row), column.kind) for column in columns_of(kinds()[kind_of(contract.type)])}
    return [
        name for name, (value, kind) in values.items() if pa.array([value], type=arrow(kind)).to_pylist() != [value]
    ]


def test_what_holds_is_the_latest_beside_what_began_it() -> None:
    """A cancelled event is told with what it was; an older revision changes nothing; what is withdrawn is not there."""
    published, cancelled, withdrawn = (f"{EVENT}.{what}.v1" for what in ("published", "cancelled", "withdrawn"))
    holding = Holding(published)

    def rows() -> list[tuple[Any, ...]]:
        return [(row["state"], row["revision"], row.get("title"), row.get("why")) for row in holding.rows()]

    holding.take(told(published, {"revision": 1, "title": "A"}))
    holding.take(told(cancelled, {"revision": 3, "why": "x"}))
    assert rows() == [("cancelled", 3, "A", "x")]
    holding.take(told(published, {"revision": 2, "title": "B"}))
    assert rows() == [("cancelled", 3, "A", "x")]
    holding.take(told(published, {"revision": 4, "title": "C"}))
    assert rows() == [("published", 4, "C", None)]
    holding.take(told(withdrawn, {"revision": 5}))
    assert rows() == []


def test_a_work_that_was_withdrawn_names_nobody_any_more() -> None:
    """Not in what was told of it before, either; a work that was published again does, and so do those of others."""
    published, gone = (f"de.lernende-stadt.publication.{what}.v1" for what in ("published", "withdrawn"))
    work, names = told(published, {"revision": 2, "title": "A", "creators": [{"name": "Erika"}]}), Withdrawn()
    other = Told(work.envelope._replace(subject="vhs:2"), NOW, work.body)

    def named(fact: Told) -> list[object]:
        return [names.row(fact)["creators"], names.row(fact)["title"]]

    before = [named(work), named(other)]
    for body, contract, left in (
        ({"revision": 2}, published, "Erika"),
        ({"revision": 3}, gone, None),
        ({"revision": 2}, published, None),  # an older revision that came late
        ({"revision": 4}, published, "Erika"),
        ({"revision": 5}, gone, None),
    ):
        names.take(told(contract, body).envelope)
        assert named(work) == (before[0] if left else [None, "A"])
        assert named(other) == before[1]
    assert "creators" not in names.row(told(f"{EVENT}.published.v1", {"revision": 1}))


def test_each_field_that_names_humans_is_one_of_a_work() -> None:
    """Who published a work made that public; a field that is no more would leave nobody out."""
    naming = {name for each in CONTRACTS.values() for name in each.model_fields if name in NAMED}
    assert naming == NAMED


def test_facts_about_people_were_recorded_on_a_day() -> None:
    """The moment of a record is nearly that of the request, which an organiser may know of each name."""
    at = datetime(2027, 1, 5, 9, 30, 7, 5, tzinfo=UTC)
    people, nobody = ("de.lernende-stadt.enrolment.associated.v1", f"{EVENT}.published.v1")
    assert told(people, {"revision": 1}, at).row()["recorded_at"] == "2027-01-05T00:00:00Z"
    assert told(nobody, {"revision": 1}, at).row()["recorded_at"] == at.isoformat()
    assert "waits_until" not in {column.name for column in columns_of(kinds()["enrolment"])}


def test_the_contract_that_begins_an_object_is_the_first_of_its_kind() -> None:
    """No object begins with what ends it: the rows of what holds would have nothing but an end."""
    assert {state_of(contracts[0].type) for contracts in kinds().values()} & {
        "withdrawn",
        "cancelled",
        "closed",
    } == set()


def test_a_spreadsheet_runs_nothing_and_reads_numbers(tmp_path: Path) -> None:
    """The CSV beside: byte order mark, semicolons, decimal commas; no cell begins as a formula; lists are JSON."""
    body = {
        **examples()[f"{EVENT}.published.v1.1"],
        "keywords": ["=1+1", "Ä;ö"],
        "place": {"name": "=cmd|' /C calc'!A0"},
    }
    body["place"]["coordinates"] = {"latitude": -51.5, "longitude": 7.1}
    with sheet(tmp_path / "event", columns_of(kinds()["event"])) as open_:
        open_.put(told(f"{EVENT}.published.v1", body).row())
    raw = (tmp_path / "event.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";")
    assert row["place_name"] == "'=cmd|' /C calc'!A0"
    assert row["place_coordinates_latitude"] == "-51,5"
    assert json.loads(row["keywords"]) == ["=1+1", "Ä;ö"]
    assert not [cell for name, cell in row.items() if cell[:1] in "=+@" and cell]


EXPORTED = {FILE: json.dumps({"name": NAME, "resources": [{"path": "facts/event.csv"}]}), "facts/event.csv": "x"}


def _filled(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "files",
    [
        {"thesis.odt": "x"},
        {FILE: "1"},
        {FILE: json.dumps({"name": "somebody-elses", "resources": [{"path": "facts/event.csv"}]})},
        {FILE: json.dumps({"resources": []})},
        {**EXPORTED, "thesis.odt": "x"},
        {**EXPORTED, "facts/mine.csv": "x"},
        {**EXPORTED, "mine/event.csv": "x"},
    ],
)
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, files: dict[str, str]) -> None:
    """Nothing is replaced that is not an export, or in which somebody put something of their own."""
    theirs = _filled(tmp_path / "theirs", files)
    told = (
        rf"an empty folder or an earlier export, {re.escape(str(theirs))} .* weder ein leerer Ordner noch ein früherer"
    )
    with pytest.raises(UsageError, match=told), replaced(theirs):
        pass
    assert _texts(theirs) == files


def test_an_earlier_export_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    """By nothing where the new one fails; the new one is for its owner alone to read."""
    ours = _filled(tmp_path / "ours", EXPORTED)
    with pytest.raises(ZeroDivisionError), replaced(ours) as new:
        (new / FILE).write_bytes(bytes(1 // 0))
    assert _texts(ours) == EXPORTED
    with replaced(ours) as new:
        (new / FILE).write_text("2")
    assert _texts(ours) == {FILE: "2"}
    assert ours.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in tmp_path.iterdir()] == ["ours"]


def test_an_earlier_export_is_put_back_where_the_new_one_cannot_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file system may refuse at the last moment: then the former one is where it was."""
    ours, genuine = _filled(tmp_path / "ours", EXPORTED), Path.rename

    def rename(path: Path, to: Path) -> Path:
        if path.name == "new":
            raise OSError("full")
        return genuine(path, to)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="full"), replaced(ours):
        pass
    assert _texts(ours) == EXPORTED
    assert [path.name for path in tmp_path.iterdir()] == ["ours"]


def test_without_its_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where pyarrow is not installed there is a sentence and no traceback; the other commands work all the same."""
    for name in ("exporting", "export_files"):
        monkeypatch.delitem(sys.modules, f"{analysis.__name__}.{name}", raising=False)
        monkeypatch.delattr(analysis, name, raising=False)
    for name in [each for each in sys.modules if each.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(OperationError, match=r"is no pyarrow: install .* 'analysis' / pyarrow fehlt, .* 'analysis'"):
        export(parquet=tmp_path)


def test_the_end_is_told_in_both_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Analysts read it as they read its help: how much there is, where, and what this version does not know."""

    async def done(*_: object) -> Exported:
        return Exported(facts=12, objects=3, unread=unread)

    monkeypatch.setattr(exporting, "export", done)
    there = {"HUB_DATA": "/nowhere", "HUB_AGREEMENTS": "contracts/agreements", "HUB_SECRETS": "/nowhere"}
    for unread in (0, 2):
        told = hub_inside("export", "--parquet", str(tmp_path), more=there)
        assert (told.returncode, told.stdout) == (0, "")
        first, *more = told.stderr.splitlines()
        assert first == f"12 facts and 3 objects in {tmp_path}. / 12 Fakten und 3 Objekte in {tmp_path}."
        assert len(more) == min(unread, 1)
        assert [each for each in more if "2 facts are of" not in each or "/ 2 Fakten gehören zu" not in each] == []


def test_its_help_is_told_in_both_languages() -> None:
    """What it does, and each option of its own."""
    told = " ".join(re.sub("[│|]", " ", hub_inside("export", "--help").stdout).split())
    words = ["Write what", "Schreibt, was", "Where to", "Wohin", "Facts recorded", "Fakten seit"]
    assert [word for word in words if word not in told] == []


async def _tell(settings: Settings, names: list[str]) -> None:
    async with Kafka(settings, "hub-admin").producer() as producer:
        for name in names:
            body = examples()[name]
            sent = message(type_of(name), body)
            partner, subject = subject_of(body).partition(":")[0], subject_of(body)
            more = [("ce_source", source_of(partner).encode()), ("ce_subject", subject.encode())]
            more += [
                ("ce_revision", str(body["revision"]).encode()),
                ("ce_id", f"f-{zlib.crc32(name.encode())}".encode()),
            ]
            kept = [pair for pair in sent.headers if pair[0] != "ce_id"]
            await producer.send_and_wait(UNIFIED, value=sent.value, key=subject.encode(), headers=[*kept, *more])
        await producer.send_and_wait(UNIFIED, value=b"{}", headers=[("ce_type", b"x.newer.told.v9")])


async def _exported(settings: Settings, folder: Path, *words: str) -> dict[str, Any]:
    done = await asyncio.to_thread(hub, "export", "--parquet", str(folder), *words, settings=settings)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "1 facts are of contracts that this version does not know" in done.stderr
    assert "\x1b" not in done.stderr
    return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))


@pytest.mark.real
async def test_analysts_open_the_data_set_with_what_they_have(applied: Settings, tmp_path: Path) -> None:
    """DuckDB and polars read each file with its types; the dictionary tells each column of each; nothing is lost."""
    recorded = [name for name in examples() if CONTRACTS[type_of(name)].stream in STREAMS]
    names = sorted(recorded, key=lambda name: int(examples()[name]["revision"]))
    await _tell(applied, names)
    folder = tmp_path / "city"
    package = await _exported(applied, folder)
    by_kind = {kind: [name for name in names if f".{kind}." in name] for kind in kinds()}
    for kind, own in by_kind.items():
        path = folder / "facts" / f"{kind}.parquet"
        frame, rows = pl.read_parquet(path), duckdb.sql(f"select * from '{path}' order by recorded_at")  # noqa: S608
        assert len(frame) == len(rows.fetchall()) == len(own)
        assert frame.columns == rows.columns == [column.name for column in columns_of(kinds()[kind])]
        ids = {subject_of(examples()[name]) for name in own}
        assert {row[f"{kind}_id"] for row in frame.to_dicts()} == ids
        assert frame.schema["recorded_at"] == pl.Datetime("us", "UTC")
    _described(folder, package)
    events = duckdb.sql(f"select unnest(sessions, recursive := true) from '{folder}/current/event.parquet'")  # noqa: S608
    assert str(dict(zip(events.columns, events.types, strict=True))["start_utc"]) == "TIMESTAMP WITH TIME ZONE"
    assert "event_id" in duckdb.read_csv(f"{folder}/facts/event.csv", sep=";", decimal=",").columns

    later = await _exported(applied, folder, "--since", (datetime.now(UTC) + timedelta(days=1)).isoformat())
    rows_of = {each["path"]: each["x-rows"] for each in later["resources"]}
    assert rows_of["facts/event.parquet"] == 0
    assert (
        rows_of["current/event.parquet"]
        == {r["path"]: r["x-rows"] for r in package["resources"]}["current/event.parquet"]
    )
    assert rows_of["current/event.parquet"] > 0


@pytest.mark.real
async def test_the_stream_as_csv_is_for_any_program(applied: Settings) -> None:
    """A header and a row a fact, in UTF-8 whatever the locale, nothing that runs, and not a word beside it."""
    body = {**examples()[f"{EVENT}.published.v1.1"], "texts": [{"language": "de", "title": "=1+1 Ä"}]}
    async with Kafka(applied, "hub-admin").producer() as producer:
        sent = message(f"{EVENT}.published.v1", body, more=[("ce_source", b"/partners/vhs")])
        await producer.send_and_wait(UNIFIED, value=sent.value, headers=[*sent.headers])
    locale = {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}
    words = ("stream", "--partner", "vhs", "-o", "csv")
    done = await asyncio.to_thread(hub, *words, settings=applied, more=locale)
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert (row["title"], row["partner"]) == ("'=1+1 Ä", "vhs")
    assert json.loads(row["data"])["texts"] == body["texts"]
    nothing = await asyncio.to_thread(hub, *words, "--since", "2099-01-01", settings=applied)
    assert nothing.stdout.splitlines() == [",".join(f'"{name}"' for name in row)]


def _described(folder: Path, package: dict[str, Any]) -> None:
    """Each file is in the dictionary, with its size and hash, and each of its columns in its order."""
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.name != FILE}
    assert {each["path"] for each in package["resources"]} == files
    assert {each["name"] for each in package["licenses"]} <= {*_licences(folder)}
    for each in package["resources"]:
        content = (folder / each["path"]).read_bytes()
        assert (each["bytes"], each["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        assert each["description"] != each["x-description-de"]
        fields = [field["name"] for field in each["schema"]["fields"]]
        if each["format"] == "parquet":
            assert fields == pl.read_parquet_schema(folder / each["path"]).names()
        assert [field["name"] for field in each["schema"]["fields"] if "x-description-de" not in field] == []
    used = {field.get("x-vocabulary") for each in package["resources"] for field in each["schema"]["fields"]} - {None}
    assert used == {*package["x-vocabularies"]}
    assert package["x-vocabularies"]["reallabore"]["terms"][0].keys() == {"id", "en", "de"}


def _licences(folder: Path) -> set[str]:
    frames = (pl.read_parquet(path) for path in folder.glob("*/*.parquet"))
    return {licence for frame in frames if "licence" in frame.columns for licence in frame["licence"].to_list()}
