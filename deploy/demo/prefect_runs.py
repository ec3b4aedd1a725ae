"""Asks Prefect's API which runs it has seen."""

from dataclasses import dataclass
from typing import Any

import httpx

ENOUGH = 3  # runs to be shown


@dataclass(frozen=True, slots=True)
class PrefectRuns:
    """Prefect's API at one address."""

    api: str

    def told(self) -> list[str]:
        """Return the UI's address and the latest completed runs with their tables; nothing as long as there are few."""
        try:
            runs, tables = self._newest("flow_runs", _COMPLETED), self._newest("artifacts", {})
        except httpx.HTTPError:
            return []
        if len(runs) < ENOUGH:
            return []
        names = ", ".join(run["name"] for run in runs[:ENOUGH])
        keys = sorted({table["key"] for table in tables if table["key"]})
        return [
            self.api.removesuffix("/api"),
            f"completed runs, newest first: {names}, …",
            f"tables: {', '.join(keys)}",
        ]

    def _newest(self, kind: str, chosen: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"limit": 50, **chosen}
        answer = httpx.post(f"{self.api}/{kind}/filter", json=body, timeout=5, trust_env=False).raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found


_COMPLETED: dict[str, Any] = {
    "sort": "END_TIME_DESC",
    "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
}
