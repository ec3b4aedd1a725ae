"""What operators hear of routes: a gauge for each, and a line in the log when one stops or runs again."""

from collections.abc import Mapping

import structlog
from prometheus_client import Gauge

from services.runtime.engine.delivery import Partition

STOPPED = Gauge("hub_route_stopped", "1 while a route is not served", ("route", "position"))


class Alarms:
    """The routes that are stopped, by input partition; only what changes is told."""

    def __init__(self) -> None:
        """Start without any."""
        self._told: dict[Partition, Mapping[str, str]] = {}

    def tell(self, partition: Partition, stopped: Mapping[str, str]) -> None:
        """Take all routes that are stopped in a partition now, with the reason of each where it has one."""
        before, log = self._told.get(partition, {}), structlog.get_logger("engine").bind(position=str(partition))
        for topic, why in stopped.items():
            STOPPED.labels(topic, str(partition)).set(1)
            if why and before.get(topic) != why:
                log.warning("route_stopped", route=topic, reason=why)
        for topic in before.keys() - stopped.keys():
            STOPPED.remove(topic, str(partition))
            log.info("route_runs", route=topic)
        self._told[partition] = dict(stopped)

    def forget(self, partition: Partition) -> None:
        """Say nothing of a partition that another instance has now."""
        for topic in self._told.pop(partition, {}):
            STOPPED.remove(topic, str(partition))
