"""Asks Prefect's API, as its UI does, which runs it shows."""

from dataclasses import dataclass
from typing import Any

import httpx

# What the story did, in the words of the runs' names; asked for until all of it is shown.
DONE = ("new", "changed", "withdrawn", "refused", "written", "removed")
MOST = 30  # runs told one by one
_QUIET, _UNNAMED = "Nothing new", "auto-scheduled"


@dataclass(frozen=True, slots=True)
class PrefectRuns:
    """Prefect's API at one address."""

    api: str

    def told(self) -> list[str]:
        """Return the UI's address, the runs that did something, and the next ones; nothing until all is shown."""
        try:
            over, coming = self._runs("START_TIME_ASC", _OVER), self._runs("NEXT_SCHEDULED_START_TIME_ASC", _COMING)
        except httpx.HTTPError:
            return []
        names = [run["name"] for run in over if run["state_name"] != _QUIET]
        if not coming or any(_UNNAMED in run["tags"] for run in coming) or not _all_done(names):
            return []
        more = [f"and {len(names) - MOST} more that did something"] if len(names) > MOST else []
        more += [f"and {len(over) - len(names)} that found nothing new"] if len(over) > len(names) else []
        following = ", ".join(run["name"] for run in coming)
        return [self.api.removesuffix("/api"), *names[:MOST], *more, f"coming: {following}"]

    def _runs(self, order: str, chosen: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"sort": order, **chosen}
        answer = httpx.post(f"{self.api}/flow_runs/filter", json=body, timeout=5, trust_env=False).raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


def _all_done(names: list[str]) -> bool:
    words = {word.strip(",:") for name in names for word in name.split()}
    return words.issuperset(DONE)


_OVER: dict[str, Any] = {"limit": 200, "flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED"]}}}}
_COMING: dict[str, Any] = {"limit": 2, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
