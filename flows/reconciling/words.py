"""What a comparison says of each difference, and what mends it."""

_REPAIR = "`hub reconcile PARTNER --repair` tells it again"
SAID = {
    "unrecorded": f"stands in the partner's system and is not recorded: not pulled yet, refused or lost; {_REPAIR}",
    "differing": f"stands otherwise in the partner's system: not pulled yet, refused or lost; {_REPAIR}",
    "vanished": "is recorded and gone at the source; withdrawn once two whole readings miss it",
    "held": "held: too much would vanish at once; nothing is removed. See what the partner's system holds",
    "misremembered": "what the hub remembers of it is not what is recorded; --repair sets that right",
    "unclaimed": "recorded as theirs under an id as pulls give it, and no pull is known that told it: left alone. "
    "If it is no longer meant, they withdraw it by the door through which they told it",
    "deleted": f"was written there and is gone: somebody deleted it; {_REPAIR}",
    "edited": f"stands there otherwise than it was written: somebody changed it; {_REPAIR}",
    "outdated": f"an older fact than the recorded one was written there; {_REPAIR}",
    "leftover": "is withdrawn and still stands there; --repair removes it",
    "unwritten": "recorded and open to this partner, never written there: refused (hub deadletter list) or not told",
}
UNREAD = "what stands there cannot be compared: this kind of connector has no way of reading its target"
