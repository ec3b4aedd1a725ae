"""What the gateway, which calls partners, and operators, who look after that, both say of it."""

import base64
import hashlib
from typing import Literal

from aiokafka import ConsumerRecord

State = Literal["calling", "retrying", "failing", "gone", "unsigned", "lost", "anew"]
"""How a partner's endpoint is doing, as it stands in ``gateway.webhook``.

``calling``: all is well. ``retrying``, ``failing``: the last fact was not accepted, ``failing`` for days. ``gone``: it
answered 410. ``unsigned``: it has no secret. ``lost``: its outbox does not hold what it is to be told next. ``anew``:
its outbox is another topic than before, which is told from its first fact on.
"""

_NAMING = ("ce_source", "ce_id", "ce_type", "ce_subject", "ce_revision")


def webhook_id(record: ConsumerRecord) -> str:
    """Return the id of a fact, the same at each try, at each telling and at each instance.

    It names the CloudEvent by ``source`` and ``id``. Type, subject and revision are named too: a partner may give an id
    to two facts by mistake, and whoever receives them would drop the second as a repetition. A hash, because the id is
    a partner's own text: it may hold a full stop, which the signature must not meet in it.
    """
    told = dict(record.headers)
    named = b"\0".join(told.get(name, b"") for name in _NAMING)
    return "msg_" + base64.b32encode(hashlib.sha256(named).digest()).decode().rstrip("=").lower()
