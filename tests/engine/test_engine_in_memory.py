"""The engine's cases in memory: seconds, no broker."""

import pytest

from tests.engine.cases import DeliveryCases, StatefulCases, StatelessCases
from tests.engine.rigs import MemoryRig


class TestInMemory(DeliveryCases, StatelessCases, StatefulCases):
    """All cases."""

    @pytest.fixture
    def rig(self) -> MemoryRig:
        """A fresh memory."""
        return MemoryRig()
