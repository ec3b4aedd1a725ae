"""Who is let in: a key that is valid, an agreement that opens the door, and not too often."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from contracts.agreement import Agreement, Http
from contracts.wording import expected
from services.gateway.problems import problem
from services.gateway.rates import Rates
from services.runtime.api_keys import KeyFile, claimed_partner, matches

_PLACE = "header authorization"
_CHALLENGE = 'Bearer realm="hub"'


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows the agreements; keys are read at each request, so that a revoked one is out at once."""

    agreements: Mapping[str, Agreement]
    secrets: Path
    clock: Callable[[], float] = time.monotonic
    rates: Rates = field(default_factory=Rates)

    def let_in(self, request: Request) -> Agreement:
        """Return the agreement of the partner who asks.

        Raises:
            ProblemError: nobody is let in by this key, or not now.
        """
        agreement = self._known(_key(request))
        request.state.partner = agreement.id
        self._slow_down(agreement.id, (agreement.http or Http()).requests)
        if agreement.http is None:
            raise problem("door-closed", "agreement", expected("open-door", partner=agreement.id))
        return agreement

    def _known(self, key: str) -> Agreement:
        partner = claimed_partner(key)
        agreement = self.agreements.get(partner)
        if agreement is None or not matches(key, KeyFile(self.secrets, partner).read()):
            raise problem(
                "key-unknown", _PLACE, expected("valid-key"), WWW_Authenticate=f'{_CHALLENGE}, error="invalid_token"'
            )
        return agreement

    def _slow_down(self, partner: str, most: int) -> None:
        if seconds := self.rates.wait(partner, most, self.clock()):
            raise problem("too-many-requests", "request", expected("request-rate", most=most), Retry_After=str(seconds))


def _key(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise problem("key-missing", _PLACE, expected("bearer"), WWW_Authenticate=_CHALLENGE)
    return key.strip()
