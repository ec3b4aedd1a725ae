"""From the moment services are let go to their last output: for whoever's partitions begin and end together.

Counted from the first output on, as a single partition is, the batches that all of them end first would cost nothing.
"""

from collections.abc import Callable, Sequence

from tests.bench.stage import Stage
from tests.bench.watching import Watcher


def let_go(
    stage: Stage, watcher: Watcher, services: Sequence[str], feed: Callable[[], object], outputs: int
) -> tuple[float, float, int]:
    """Start services, hold the first of them while its input is filled, and let it go.

    Returns:
        Seconds, seconds of CPU, and the outputs.
    """
    with stage.services(*services):
        stage.await_ready(*services)
        watcher.of(*map(stage.pid, services))
        with stage.held(services[0]):
            feed()
            watcher.look()
            begin = watcher.looks[-1]
        last = watcher.until(outputs, lambda: stage.failed(*services)).last
    return last.at - begin.at, last.cpu - begin.cpu, last.seen
