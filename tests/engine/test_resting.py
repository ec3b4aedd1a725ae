import time

import pytest

from services.runtime.engine.delivery import FencedError
from services.runtime.engine.fanout import Fanout
from services.runtime.engine.observation import observe
from services.runtime.engine.resting import FIRST_REST, LONGEST_REST, Resting
from services.runtime.engine.stateless import Stateless


def _rest(resting: Resting, now: float) -> float:
    """How long a route that fails now is left alone."""
    resting.begin(["outbox"], now)
    rest = 0.0
    while "outbox" in resting.now(now + rest):
        rest += 1
    return rest


def test_who_fails_again_and_again_rests_longer_and_longer() -> None:
    """A node that died is back soon; what stays broken is tried twice a minute."""
    resting, now, rests = Resting(), 100.0, []
    for _ in range(6):
        rests.append(_rest(resting, now))
        now += rests[-1] + 1
    assert rests == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST, 8 * FIRST_REST, LONGEST_REST, LONGEST_REST]


def test_one_failure_counts_once() -> None:
    """All partitions of a transaction hear that it failed, and each lets its suspects rest: that is one rest."""
    resting = Resting()
    for _ in range(5):
        resting.begin(["outbox"], 100.0)
    assert "outbox" not in resting.now(100.0 + FIRST_REST)


def test_an_old_failure_is_forgotten() -> None:
    """Who took its records for long begins anew."""
    resting = Resting()
    _rest(resting, 100.0)
    assert _rest(resting, 100.0 + FIRST_REST + LONGEST_REST) == FIRST_REST


def test_others_do_not_rest() -> None:
    """Nobody rests for another's failure."""
    resting = Resting()
    resting.begin(["outbox"], 100.0)
    assert resting.now(101.0) == {"outbox"}


class _Refusing:
    """A delivery whose transactions fail because of some topics."""

    def __init__(self, *suspects: str) -> None:
        self.suspects = suspects

    async def begin(self) -> None:
        raise FencedError("not taken", self.suspects)


@pytest.mark.parametrize(("suspects", "rests"), [(("other",), {"other"}), ((), {"alone"})])
async def test_who_is_served_alone_rests_unless_it_was_another(suspects: tuple[str, ...], rests: set[str]) -> None:
    """Partitions share transactions: what one of them could not write is no fault of a route that another served."""
    fanout = Fanout(Stateless("test", lambda *_: [], observe), {}, None)  # type: ignore[arg-type] # it is not asked
    with pytest.raises(FencedError):
        await fanout._publish(_Refusing(*suspects), [], 1, {"alone"})  # type: ignore[arg-type] # noqa: SLF001 - where it is decided
    assert set(fanout._resting.now(time.monotonic())) == rests  # noqa: SLF001
