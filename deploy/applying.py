"""``hub apply``, run as its own program: Kafka gets the topics, users and access rights of the agreements."""

import os
import sys

from deploy import orderly
from deploy.site import Site
from services.operations.errors import OperationError


class ApplyError(OperationError):
    """``hub apply`` failed."""


def apply(site: Site) -> None:
    """Make the site's Kafka as its agreements say.

    Raises:
        ApplyError: it did not work; the message is what the command said.
    """
    command = [sys.executable, "-m", "services.operations.hub", "apply", "--yes"]
    done = orderly.program(command, {**os.environ, **site.environment()})
    if done.returncode:
        raise ApplyError(
            f"expected 'hub apply' to succeed, it ended with {done.returncode}: {(done.stderr or done.stdout)[-2_000:]}"
        )
