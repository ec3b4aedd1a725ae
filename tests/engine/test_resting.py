from services.runtime.engine.resting import FIRST_REST, LONGEST_REST, Resting


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
