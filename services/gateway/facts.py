"""``POST /v1/facts``: facts that pass the door go into the partner's inbox, all of a request or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.admission import Admitted, Message, admit
from contracts.agreement import Agreement
from contracts.refusal import Refusal, RefusedError
from services.gateway import idempotency
from services.gateway.binding import Form, Sent, in_form, read_facts
from services.gateway.body import read_body
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.idempotency import Receipts, Requests
from services.gateway.inboxes import Inboxes, Place
from services.gateway.metrics import FACTS
from services.gateway.parameters import flag
from services.gateway.problems import Problem, ProblemError

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Facts:
    """Takes facts."""

    doorkeeper: Doorkeeper
    inboxes: Inboxes
    requests: Requests
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def post(self, request: Request) -> Response:
        """Judge, write and give receipts."""
        agreement = self.doorkeeper.let_in(request)
        dry = flag(request, "dry_run")
        key = request.headers.get(idempotency.HEADER)
        kept = None if key is None else idempotency.read_key(key)
        sent = _read(request, await read_body(request))
        admitted = _judged(sent, agreement, self.clock())
        if dry:
            return JSONResponse({"dry_run": True, "facts": [_told(each) for each in admitted]})
        messages = [_keyed(*each) for each in zip(sent.messages, admitted, strict=True)]

        async def work() -> Receipts:
            places = await self.inboxes.put(agreement.id, messages)
            for each in admitted:
                FACTS.labels(agreement.id, each.envelope.type, "received").inc()
            return [_receipt(*each) for each in zip(admitted, places, strict=True)]

        digest = idempotency.digest_of(messages)
        receipts = await (work() if kept is None else self.requests.once(agreement.id, kept, digest, work))
        return JSONResponse({"receipts": receipts}, ACCEPTED)


def _read(request: Request, body: bytes) -> Sent:
    try:
        return read_facts(request.headers.raw, body)
    except RefusedError as error:
        form: Form = "binary" if "ce-specversion" in request.headers else "structured"
        raise ProblemError(Problem(in_form(error.refusal, form))) from None


def _judged(sent: Sent, agreement: Agreement, now: datetime) -> Sequence[Admitted]:
    """Judge every fact; where one is refused, all that is wrong is told."""
    judged = [admit(message, agreement, now) for message in sent.messages]
    refused = [(n, in_form(each, sent.form)) for n, each in enumerate(judged) if isinstance(each, Refusal)]
    if refused:
        FACTS.labels(agreement.id, "unknown", "refused").inc(len(refused))
        others = tuple(refused) if len(judged) > 1 else ()
        raise ProblemError(Problem(refused[0][1], others))
    return [each for each in judged if isinstance(each, Admitted)]


def _keyed(message: Message, admitted: Admitted) -> Message:
    """Give a message its key: an inbox may have several partitions, and order holds per key."""
    return message._replace(key=admitted.fact.key.encode())


def _told(admitted: Admitted) -> dict[str, object]:
    envelope = admitted.envelope
    return {"event": envelope.id, "type": envelope.type, "subject": envelope.subject, "revision": envelope.revision}


def _receipt(admitted: Admitted, place: Place) -> dict[str, object]:
    identifier = f"{place.partition}-{place.offset}"
    return {"id": identifier, "status": "received", "href": f"/v1/receipts/{identifier}", **_told(admitted)}
