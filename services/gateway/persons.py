"""``GET /v1/persons/{ref}``: who takes part, for whoever organises it, from the vault and for an agreed purpose."""

from dataclasses import dataclass
from typing import get_args

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.agreement import Purpose
from contracts.refusal import RefusedError
from contracts.wording import expected
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.inboxes import PartAwayError
from services.gateway.problems import Problem, ProblemError, problem
from services.runtime.vault import Vault
from services.runtime.vault_rows import Door

DOOR: Door = "http"
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Persons:
    """Reads of the vault; each is noted there."""

    doorkeeper: Doorkeeper
    vault: Vault

    async def get(self, request: Request) -> Response:
        """Tell what the purpose opens; nothing of it may be kept by what lies between."""
        agreement = self.doorkeeper.let_in(request)
        purpose = _purpose(request.query_params.get("purpose", ""))
        try:
            found = await self.vault.read(request.path_params["ref"], agreement, purpose, DOOR)
        except RefusedError as error:
            raise ProblemError(Problem(error.refusal)) from None
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise PartAwayError(type(error).__name__) from error
        told = {name: value for name, value in found._asdict().items() if value not in (None, ())}
        told["told_at"] = found.told_at.isoformat()
        return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _purpose(text: str) -> Purpose:
    for purpose in PURPOSES:
        if text == purpose:
            return purpose
    raise problem("parameter-invalid", "parameter purpose", expected("known-purpose", options=", ".join(PURPOSES)))
