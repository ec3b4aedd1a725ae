"""What a stopped route missed, from the input itself, in portions: between two of them the others are served."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from pydantic_core import from_json

from contracts.admission import Message
from services.runtime.engine.burial import header
from services.runtime.engine.delivery import Output, Partition, Record
from services.runtime.engine.portions import LARGEST_PORTION, weight
from services.runtime.engine.routes import Route, Routes
from services.runtime.engine.stateless import Stateless

READ_AT_ONCE = 2_000  # records between two portions, also where they bring nothing

_Object = tuple[bytes | None, str]  # key and subject
Missed = AsyncGenerator[tuple[list[Output], int, bool], None]
"""Outputs for one route, the input offset up to which they, with those before, tell everything, and whether it ends."""


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """What lies for one route in one input partition.

    Unless the route is told the whole, only the newest fact of each object is left: what was withdrawn meanwhile must
    not be shown once more. Objects are told apart by the subject: several may share a key, as enrolments do.
    """

    ground: Routes
    stateless: Stateless
    partition: Partition
    route: Route
    without: frozenset[str] = frozenset()  # references of people who were erased: what names one is not told

    async def missed(self, start: int, end: int) -> Missed:
        """Yield everything between two offsets; to look for the newest facts takes empty portions first."""
        newest: dict[_Object, int] = {}
        if not self.route.whole:
            async with aclosing(self._looking(newest, start, end)) as looking:
                async for _ in looking:
                    yield [], start, False
        portion: list[Output] = []
        reached, read, size = start, 0, 0
        async with aclosing(self.ground.read(self.partition, start, end)) as records:
            async for record in records:
                told = [o for o in self._of(record) if self.route.whole or newest.get(_object(o)) == record.offset]
                size += weight(record.message) * len(told)
                if read and (size > LARGEST_PORTION or read >= READ_AT_ONCE):
                    yield portion, reached, False
                    portion, read, size = [], 0, weight(record.message) * len(told)
                portion += told
                reached, read = record.offset + 1, read + 1
        yield portion, end, True

    async def _looking(self, newest: dict["_Object", int], start: int, end: int) -> AsyncGenerator[None, None]:
        read = 0
        async with aclosing(self.ground.read(self.partition, start, end)) as records:
            async for record in records:
                newest |= {_object(output): record.offset for output in self._of(record)}
                read += 1
                if read % READ_AT_ONCE == 0:
                    yield

    def _of(self, record: Record) -> list[Output]:
        outputs, _ = self.stateless.outputs(self.partition, [record])
        found = [output for output in outputs if output.topic == self.route.topic]
        return [each for each in found if _person(each.message) not in self.without] if self.without else found


def _person(message: Message) -> object:
    """Return the reference of the human that a fact is about, nothing where it is about none."""
    if b'"person_ref"' not in (message.value or b""):  # most records: nothing is parsed for them
        return None
    return from_json(message.value or b"").get("person_ref")


def _object(output: Output) -> _Object:
    return output.message.key, header(output.message, "ce_subject")
