"""What a fact that comes in means for its offering: the facts that it directly is, or why it is none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.admission import Admitted
from contracts.enrolment import EnrolmentRequested
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.offering import OfferingReminded
from contracts.refusal import Refusal
from contracts.study import StudyClosed, StudyOpened
from services.enrolments.announcing import closed, opened, reminded
from services.enrolments.enrolling import ENDINGS, ended, requested
from services.enrolments.offering import Offering

Judged = Sequence[Admitted] | Refusal
"""Facts, none for what is known already."""


class Clock(NamedTuple):
    """The moment of a judgement, and how long a request may wait that comes now."""

    now: datetime
    until: datetime


def judge(state: Offering, fact: Admitted, clock: Clock) -> Judged:
    """Judge one fact by its offering's state; facts of other kinds of objects mean nothing here."""
    rule = RULES.get(type(fact.fact))
    return rule(state, fact, clock) if rule else ()


RULES: Mapping[type[Fact], Callable[[Offering, Admitted, Clock], Judged]] = {
    EnrolmentRequested: lambda state, fact, clock: requested(state, fact, clock.now, clock.until),
    **dict.fromkeys(ENDINGS, lambda state, fact, _: ended(state, fact)),
    **dict.fromkeys((EventPublished, StudyOpened), lambda state, fact, clock: opened(state, fact, clock.now)),
    **dict.fromkeys((EventCancelled, EventWithdrawn, StudyClosed), lambda state, fact, _: closed(state, fact)),
    OfferingReminded: lambda state, fact, _: reminded(state, fact),
}
"""What is heard, by contract."""
