"""Facts as hypothesis makes them up: every field of every contract, to its limits."""

from typing import Any

from hypothesis import strategies as st

from contracts.fact import Fact
from tests.contracts.enrolment_strategies import ENROLMENTS, REJECTIONS
from tests.contracts.event_strategies import EVENTS
from tests.contracts.research_strategies import RESEARCH

FACTS: dict[type[Fact], st.SearchStrategy[Any]] = {**EVENTS, **RESEARCH, **ENROLMENTS, **REJECTIONS}
