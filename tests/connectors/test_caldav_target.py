"""Writing to servers that a good one cannot be made to be: whose fault a refusal is."""

import pytest

from flows.connector import TargetRefusedError
from flows.connectors.caldav.access import Access
from flows.connectors.caldav.target import CalDavTarget
from flows.icalendar.context import Context
from tests.connectors.events import withdrawn, workshop
from tests.connectors.scripted import Asked, Said, Shelf, serving

CITY = Context("stadt", "Stadt am Fluss")


def rule(name: str) -> str:
    """Make a refusal that names its rule."""
    return f'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:{name}/></D:error>'


def storing(of: Shelf, *, etag: bool) -> None:
    """Let a calendar take what is put, with or without telling its ETag."""

    def put(asked: Asked) -> Said:
        name = asked.path.rpartition("/")[2]
        of.put(name, asked.body)
        return Said(201, headers={"etag": of.etag(name)} if etag else {})

    of.bent["PUT "] = put


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Said(403, rule("max-resource-size")), TargetRefusedError),
        (Said(403, rule("valid-calendar-data")), TargetRefusedError),
        (Said(409, rule("no-uid-conflict")), TargetRefusedError),
        (Said(400), TargetRefusedError),
        (Said(413), TargetRefusedError),
        (Said(403), PermissionError),
        (Said(401), PermissionError),
        (Said(409), FileNotFoundError),
        (Said(423), ConnectionError),
        (Said(503), ConnectionError),
        (Said(507), ConnectionError),
        (Said(412), ConnectionError),
    ],
    ids=lambda value: f"{value.status} {value.body[-25:-13]}" if isinstance(value, Said) else value.__name__,
)
async def test_whose_fault_a_refusal_is(answer: Said, error: type[Exception]) -> None:
    """A rule about the entry is the entry's fault and final; everything else is the world's and is tried again."""
    of = Shelf()
    of.bent["PUT "] = lambda _: answer
    with serving(of) as url:
        target = CalDavTarget(Access(url, patience=0.001), CITY)
        with pytest.raises(error):
            await target.write(workshop(), None, "1")
        await target.close()


@pytest.mark.parametrize("etag", [True, False])
async def test_receipt_holds_what_the_server_stored(etag: bool) -> None:  # noqa: FBT001 - a column
    """Whether a server tells the ETag of what it took or not, the receipt has it."""
    of = Shelf()
    storing(of, etag=etag)
    with serving(of) as url:
        target = CalDavTarget(Access(url, patience=0.001), CITY)
        receipt = await target.write(workshop(), None, "1")
        assert receipt is not None
        assert receipt.etag == '"1"'
        assert receipt.content_hash
        await target.close()


async def test_entry_of_which_the_server_shows_a_page() -> None:
    """A login page in place of an entry is no entry: nothing is written over it."""
    of = Shelf()
    storing(of, etag=True)
    of.bent["GET "] = lambda _: Said(200, "<html>", "text/html")
    with serving(of) as url:
        target = CalDavTarget(Access(url, patience=0.001), CITY)
        with pytest.raises(Exception, match="expected a calendar"):
            await target.write(workshop(), None, "1")
        await target.close()
    assert of.held == {}


async def test_deleting_what_is_gone() -> None:
    """An entry that is gone when we delete it is deleted."""
    of = Shelf()
    storing(of, etag=True)
    of.bent["DELETE "] = lambda _: Said(404)
    with serving(of) as url:
        target = CalDavTarget(Access(url, patience=0.001), CITY)
        receipt = await target.write(workshop(), None, "1")
        assert await target.write(withdrawn(2), receipt, "2") is None
        await target.close()
