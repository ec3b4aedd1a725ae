"""From settings and agreements to a plan, and from a plan to a changed cluster."""

import asyncio
from dataclasses import dataclass, replace

from services.operations.apply import changes, inventory
from services.operations.apply.desired import Desired, desired
from services.operations.apply.difference import Plan, difference
from services.operations.apply.grants import Agreements
from services.operations.cluster import Cluster
from services.operations.errors import OperationError, RefusesError, UsageError
from services.runtime.api_keys import KeyFile
from services.runtime.kafka import Kafka
from services.runtime.settings import SecretMissingError, Settings
from services.runtime.signing_secrets import SecretFile

ADMINISTRATOR = "hub-admin"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and where it is carried out."""

    plan: Plan
    cluster: Cluster
    kafka: Kafka
    desired: Desired


def refuse_trials(agreements: Agreements, *, production: bool) -> None:
    """See that everybody has signed, and that nobody is called in the clear, which is for trials on one machine.

    Raises:
        OperationError: in production, where that is not so.
    """
    drafts = [agreement.id for agreement in agreements.values() if agreement.status == "draft"]
    if production and drafts:
        raise OperationError(
            f"expected signed agreements in production, found drafts: {', '.join(drafts)}. Have them signed and write "
            'status = "signed", or take their files out of the folder of agreements'
        )
    called = {each.id: each.http.webhook for each in agreements.values() if each.http and each.http.webhook}
    clear = [partner for partner, address in called.items() if address.scheme != "https"]
    if production and clear:
        raise OperationError(
            f"expected webhooks with https in production, found http: {', '.join(clear)}. Write webhook = "
            '"https://…" into their agreements, or leave it out'
        )


def plan(settings: Settings, agreements: Agreements, *, passwords: bool = False) -> Planned:
    """Compare the cluster with the agreements.

    Args:
        settings: where Kafka is.
        agreements: by partner id.
        passwords: plan every user's password too.

    Raises:
        AwayError: Kafka does not answer.
        SecretMissingError: the administrator has no secret file.
    """
    kafka = Kafka(settings, ADMINISTRATOR)
    cluster = Cluster(kafka)
    wanted = desired(agreements, cluster.brokers())
    found = difference(wanted, inventory.actual(cluster, wanted))
    opened = {agreement.id for agreement in agreements.values() if agreement.http}
    found = replace(found, revoke_keys=tuple(each for each in KeyFile.holders(settings.secrets) if each not in opened))
    called = {partner for partner in opened if (http := agreements[partner].http) and http.webhook}
    unsigned = tuple(each for each in SecretFile.holders(settings.secrets) if each not in called)
    found = replace(found, remove_secrets=unsigned)
    if passwords:
        found = replace(found, add_users=tuple(sorted(wanted.users)))
    return Planned(found, cluster, kafka, wanted)


def carry_out(planned: Planned) -> None:
    """Change the cluster as planned.

    Raises:
        AwayError: Kafka went away; repeat the command.
        OperationError: Kafka refused a change.
        UsageError: a new user has no secret file.
    """
    for partner in planned.plan.revoke_keys:  # first: whatever becomes of the rest, its keys open nothing any more
        KeyFile(planned.kafka.settings.secrets, partner).remove()
    for partner in planned.plan.remove_secrets:  # else an old one would sign again, should the partner come back
        SecretFile(planned.kafka.settings.secrets, partner).remove()
    try:
        asyncio.run(changes.carry_out(planned.plan, planned.cluster, planned.kafka, planned.desired.replication))
    except SecretMissingError as error:
        raise UsageError(
            f"{error}. Nothing was changed. Write a random password there, readable by you alone"
        ) from None
    except RefusesError as error:
        raise OperationError(str(error)) from None
