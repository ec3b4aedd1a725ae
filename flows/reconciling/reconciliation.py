"""What a comparison of a partner's system with the hub found, as the report of a run."""

from dataclasses import dataclass, field

from flows.report import Finding, RunReport

DIFFERENCES = (
    "unrecorded", "differing", "vanished", "held", "misremembered", "deleted", "edited", "outdated", "leftover",
)  # fmt: skip
"""What should not be; every other number is for orientation."""


@dataclass(slots=True)
class Reconciliation(RunReport):
    """One comparison, both ways; ``direction`` is ``reconcile``.

    In the partner's system and not recorded: ``unrecorded``; recorded otherwise: ``differing``; recorded and gone at
    the source: ``vanished``, or ``held`` where too much is; what the hub remembers of pulls and pushes is not what is
    recorded: ``misremembered``. Written by the hub and gone there: ``deleted``; changed there: ``edited``; of an older
    fact than is recorded: ``outdated``; still there though withdrawn: ``leftover``.

    ``recorded`` facts and ``readback`` entries of the hub's were compared; ``underway`` were told too recently to say;
    ``unwritten`` facts are open to the partner and were never written. ``refused`` by the target in a repair.
    ``unread``: what could not be compared, and why. ``repaired``: in how many
    steps a repair set the ledger right, told facts and wrote entries.
    """

    recorded: int = 0
    readback: int = 0
    underway: int = 0
    repaired: int = 0
    unrecorded: list[Finding] = field(default_factory=list)
    differing: list[Finding] = field(default_factory=list)
    vanished: list[Finding] = field(default_factory=list)
    misremembered: list[Finding] = field(default_factory=list)
    deleted: list[Finding] = field(default_factory=list)
    edited: list[Finding] = field(default_factory=list)
    outdated: list[Finding] = field(default_factory=list)
    leftover: list[Finding] = field(default_factory=list)
    unwritten: list[Finding] = field(default_factory=list)
    unread: list[Finding] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many there are, of all kinds."""
        return sum(len(getattr(self, name)) for name in DIFFERENCES)
