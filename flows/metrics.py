"""What the runner counts, per partner and direction."""

from prometheus_client import Counter, Gauge

from flows.report import RunReport

_BY = ("partner", "direction")
RUNS = Counter("hub_flow_runs_total", "Runs ended", (*_BY, "outcome"))
ITEMS = Counter("hub_flow_items_total", "Items of runs, by what became of them", (*_BY, "outcome"))
LAST_SUCCESS = Gauge("hub_flow_last_success_timestamp_seconds", "When a run last came to its end", _BY)


def count(report: RunReport) -> None:
    """Count one run that ended."""
    by = (report.partner, report.direction)
    RUNS.labels(*by, "failed" if report.failed else "ok").inc()
    for outcome, number in report.counts().items():
        ITEMS.labels(*by, outcome).inc(number)
    if not report.failed:
        LAST_SUCCESS.labels(*by).set_to_current_time()
