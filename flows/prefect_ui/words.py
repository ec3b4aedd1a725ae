"""The words by which people find the hub's runs in Prefect's UI. Importing this needs no Prefect."""

from datetime import datetime

TAG = "learning-city-hub"  # on every deployment of ours, and so on its runs
AFTERWARDS = "told-afterwards"  # on runs that were over before Prefect was there
BY_SCHEDULE = "auto-scheduled"  # Prefect's own: on what its scheduler made, until it is named

COMPLETED = "Completed"
QUIET = "Nothing new"


def run_name(job: object, moment: datetime, outcome: str = "") -> str:
    """``<partner> pull 2026-11-24 16:14:20 UTC: 5 new``: whose, which way, when it begins; once over, what it did."""
    return f"{job} {moment:%Y-%m-%d %H:%M:%S} UTC" + (f": {outcome}" if outcome else "")
