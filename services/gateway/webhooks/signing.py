"""One fact as a signed request. Pure. Source: Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers"."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime

from aiokafka import ConsumerRecord
from standardwebhooks.webhooks import Webhook

from services.gateway.json_format import STRUCTURED

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


def headers(identifier: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the headers of one try.

    Args:
        identifier: as of `webhook_id`.
        body: what is posted, in UTF-8.
        secrets: each signs, so that a partner may change from one to the other.
        now: of this try, in UTC.
    """
    signed = [Webhook(secret).sign(identifier, now, body.decode()) for secret in secrets]
    return {
        "content-type": STRUCTURED,
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }
