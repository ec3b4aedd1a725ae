"""The engine's cases in memory: seconds, no broker."""

import pytest

from tests.engine.cases import DeliveryCases, StatefulCases, StatelessCases
from tests.engine.reminder_cases import ReminderCases
from tests.engine.rigs import MemoryRig
from tests.engine.route_cases import RouteCases


class TestInMemory(DeliveryCases, StatelessCases, StatefulCases, ReminderCases, RouteCases):
    """All cases."""

    @pytest.fixture
    def rig(self) -> MemoryRig:
        """A fresh memory."""
        return MemoryRig()
