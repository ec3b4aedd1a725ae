"""The rules by which ``hub status`` judges. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from contracts.agreement import Agreement, Direction
from contracts.topics import UNIFIED, inbox, outbox
from services.operations.database import Run
from services.operations.status.health import WORST_FIRST, Health, Measured, Queue, State
from services.operations.tables import span

STUCK_AFTER = timedelta(minutes=1)  # what the hub itself moves is there in seconds
UNREAD_AFTER = timedelta(days=45)  # half of an outbox's life
MISSED_PULLS = 3

Complaints = Iterator[tuple[State, str]]


def healths(agreements: Mapping[str, Agreement], steps: Iterable[str], measured: Measured) -> list[Health]:
    """Judge every partner in both directions, and the hub's own steps.

    Args:
        agreements: by partner id.
        steps: the hub's own topics that a service reads.
        measured: what was found.

    Returns:
        The rows, worst first.
    """
    rows = [judge(a, measured) for a in agreements.values() for judge in (_inward, _outward)]
    own = [*steps, *measured.stopped.intersection([UNIFIED])]
    return sorted([*rows, *(_step(topic, measured) for topic in own)], key=Health.badness)


def _inward(agreement: Agreement, measured: Measured) -> Health:
    queue, run = measured.queues.get(inbox(agreement.id), Queue()), (measured.runs or {}).get((agreement.id, "pull"))
    pulls = _has(agreement, "pull")
    return _judged(
        Health(
            agreement.id,
            "in",
            fresh=_age((run.last_ok if run else None) if pulls else queue.newest, measured.now),
            dead=sum(measured.dead.get((agreement.id, direction), 0) for direction in ("inbound", "pull")),
        ),
        queue,
        measured.now,
        (
            *(_pulls(agreement, run, measured.now) if pulls and measured.runs is not None else ()),
            *_waits(queue, measured.now, STUCK_AFTER, "see the log of the service intake"),
        ),
    )


def _outward(agreement: Agreement, measured: Measured) -> Health:
    queue, run = measured.queues.get(outbox(agreement.id), Queue()), (measured.runs or {}).get((agreement.id, "push"))
    pushes = _has(agreement, "push")
    after, todo = (
        (STUCK_AFTER, "see the flow run in Prefect") if pushes else (UNREAD_AFTER, "ask the partner to read its outbox")
    )
    return _judged(
        Health(
            agreement.id,
            "out",
            fresh=_age((run.last_ok if run else None) if pushes else queue.newest, measured.now),
            dead=measured.dead.get((agreement.id, "push"), 0),
        ),
        queue,
        measured.now,
        (
            *_stopped(outbox(agreement.id), measured),
            *(_failed(run) if pushes and run else ()),
            *_called(agreement, measured),
            *_waits(queue, measured.now, after, todo),
        ),
    )


def _step(topic: str, measured: Measured) -> Health:
    queue = measured.queues.get(topic, Queue())
    waits = _waits(queue, measured.now, STUCK_AFTER, f"see the log of the service that reads {topic}")
    complaints = (*_stopped(topic, measured), *waits)
    return _judged(Health("hub", topic, fresh=_age(queue.newest, measured.now)), queue, measured.now, complaints)


def _judged(row: Health, queue: Queue, now: datetime, complaints: Iterable[tuple[State, str]]) -> Health:
    """Complete a row by its queue and the worst of the complaints."""
    everything = [*complaints, *_dead(row)]
    worst = min(everything, key=lambda complaint: WORST_FIRST.index(complaint[0])) if everything else None
    row = replace(row, waiting=queue.waiting, oldest=_age(queue.oldest, now))
    return row if worst is None else replace(row, state=worst[0], todo=worst[1])


def _has(agreement: Agreement, direction: Direction) -> bool:
    return agreement.connector is not None and direction in agreement.connector.directions


def _age(moment: datetime | None, now: datetime) -> timedelta | None:
    return None if moment is None else now - moment


def _pulls(agreement: Agreement, run: Run | None, now: datetime) -> Complaints:
    if run is None:
        yield "never", f"no pull ran yet: hub pull {agreement.id}"
        return
    yield from _failed(run)
    yield from _held(agreement, run, now)
    interval = agreement.connector.interval if agreement.connector else timedelta(0)
    if now - (run.last_ok or run.started) > MISSED_PULLS * interval + STUCK_AFTER:
        yield "late", "see the log of the runner"


def _failed(run: Run) -> Complaints:
    if not run.ok:
        yield "failing", run.error.splitlines()[0] if run.error else "see the flow run in Prefect"


def _held(agreement: Agreement, run: Run, now: datetime) -> Complaints:
    if run.held_since is not None:
        held = f"held for {span(now - run.held_since)}: {run.held} object(s) would vanish at once"
        yield "failing", f"{held}. If the partner's system is right: hub pull {agreement.id} --accept-shrinkage"


def _called(agreement: Agreement, measured: Measured) -> Complaints:
    call = measured.calls.get(agreement.id)
    if call is not None and agreement.http and agreement.http.webhook:
        yield from call.complaints(agreement.id)


def _stopped(topic: str, measured: Measured) -> Complaints:
    if topic in measured.backfilling:
        yield "late", f"a backfill of {topic} is under way: what is recorded first, then what is new"
    elif topic in measured.stopped:
        yield "failing", f"nothing can be written to {topic}: hub apply; it gets later what it misses now"


def _waits(queue: Queue, now: datetime, after: timedelta, todo: str) -> Complaints:
    if queue.oldest is not None and now - queue.oldest > after:
        yield "stuck", todo


def _dead(row: Health) -> Complaints:
    if row.dead:
        yield "dead letters", f"hub deadletter list --partner {row.partner}"
