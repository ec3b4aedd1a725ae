import asyncio
from collections.abc import Sequence

from flows.dispatcher import JUST_RUN, Dispatcher
from flows.jobs import Job
from flows.report import RunReport

PULL, PUSH = Job("stadt", "pull"), Job("stadt", "push")


class Work:
    """Notes what ran, one line a run; a run lasts until `go` is set."""

    def __init__(self) -> None:
        """Let runs pass."""
        self.ran: list[tuple[Job, list[object]]] = []
        self.under_way = 0
        self.most = 0
        self.go = asyncio.Event()

    async def __call__(self, job: Job, requests: Sequence[object]) -> RunReport:
        """Run once."""
        self.ran.append((job, list(requests)))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.go.wait()
        self.under_way -= 1
        return RunReport(job.partner, job.direction)


async def settle() -> None:
    """Let every task come as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_run_at_a_time_and_one_for_all_that_was_asked_meanwhile() -> None:
    """A job never runs twice at once; whatever is asked for while it runs becomes one further run."""
    work = Work()
    dispatcher = Dispatcher([PUSH], work)
    serving = asyncio.create_task(dispatcher.serve())
    dispatcher.ask(PUSH)
    await settle()
    for name in ("a", "b", JUST_RUN):
        dispatcher.ask(PUSH, name)
    await settle()
    work.go.set()
    await settle()
    assert work.ran == [(PUSH, [JUST_RUN]), (PUSH, ["a", "b", JUST_RUN])]
    assert work.most == 1
    dispatcher.stop()
    await serving


async def test_jobs_do_not_wait_for_each_other() -> None:
    """A pull that lasts does not hold up the push of the same partner."""
    work = Work()
    dispatcher = Dispatcher([PULL, PUSH], work)
    serving = asyncio.create_task(dispatcher.serve())
    dispatcher.ask(PULL)
    dispatcher.ask(PUSH)
    await settle()
    assert work.most == 2
    work.go.set()
    dispatcher.stop()
    await serving


async def test_stop_lets_the_run_under_way_end() -> None:
    """After `stop` the run in hand ends, and nothing asked for meanwhile begins."""
    work = Work()
    dispatcher = Dispatcher([PUSH], work)
    serving = asyncio.create_task(dispatcher.serve())
    dispatcher.ask(PUSH)
    await settle()
    dispatcher.ask(PUSH)
    dispatcher.stop()
    await settle()
    assert not serving.done()
    work.go.set()
    await serving
    assert len(work.ran) == 1
