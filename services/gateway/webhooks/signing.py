"""One fact as a signed request. Pure. Source: Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers"."""

from collections.abc import Iterable
from datetime import datetime

from standardwebhooks.webhooks import Webhook

from services.gateway.json_format import STRUCTURED


def headers(identifier: str, body: bytes, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the headers of one try.

    Args:
        identifier: as of `services.runtime.webhooks.webhook_id`.
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
