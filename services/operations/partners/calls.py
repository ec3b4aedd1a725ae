"""How the partners who are called are doing, as the gateway notes it, and how an operator lets it begin again."""

from dataclasses import fields

from services.operations import database
from services.operations.partners.called import Call
from services.runtime.settings import Settings

_CALLS = "select partner, state, reason, failures, next_try, accepted from gateway.webhook"

_RESUME = """
update gateway.webhook set state = 'calling', reason = '', failures = 0, failing_since = null, next_try = now(),
    next_offset = case when $2 then -1 else next_offset end
where partner = $1 returning partner"""


async def calls(settings: Settings) -> dict[str, Call]:
    """Return how each is doing; none where nobody was called yet."""
    rows = await database.ask(settings, _CALLS)
    return {row["partner"]: Call(**{each.name: row[each.name] for each in fields(Call)}) for row in rows}


async def resume(settings: Settings, partner: str, *, from_first: bool) -> bool:
    """Have a partner called at once, from the first fact that is kept if wanted; False where it never was called."""
    return bool(await database.ask(settings, _RESUME, partner, from_first))
