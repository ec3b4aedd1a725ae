"""Whether there is such a partner as a command was asked about."""

from contracts.agreements import load_agreements
from services.operations.errors import UsageError
from services.runtime.settings import Settings


def require(settings: Settings, partner: str | None, *, found: bool, what: str = "the id of a partner") -> None:
    """See that nothing was found because there is nothing, not because of a mistyped name.

    Args:
        settings: where the agreements are.
        partner: who was asked about; None is everybody.
        found: whether anything was. A former partner without an agreement is known by what it left.
        what: what was expected, for the error's sentence.

    Raises:
        UsageError: nobody of that name has an agreement or left anything; the known ones are listed.
    """
    if partner is None or found:
        return
    known = load_agreements(settings.agreements)
    if partner not in known:
        raise UsageError(f"expected {what}, came {partner!r}: write one of {', '.join(known)}")
