"""Record the payloads beside this file from a real server: ``python -m tests.connectors.record URL USER PASSWORD``.

URL is an empty calendar on the server. Run it when the server's version changes and read the difference.
"""

import sys
from pathlib import Path

import httpx

from flows.connectors.caldav import bodies
from tests.connectors.calendars import CALENDARS, COURSE, resource

RECORDED = Path(__file__).parent / "recorded"


def record(url: str, user: str, password: str) -> None:
    """Put the calendars there and keep what the server says."""
    with httpx.Client(auth=(user, password), headers={"content-type": "application/xml"}) as client:
        for name, vevents in CALENDARS.items():
            client.put(f"{url}{name}.ics", content=resource(vevents), headers={"content-type": "text/calendar"})
            keep(f"{name}.ics", client.get(f"{url}{name}.ics"))
        paths = [httpx.URL(f"{url}{name}.ics").path for name in CALENDARS]
        keep("sync.xml", client.request("REPORT", url, content=bodies.sync_collection("")))
        keep("multiget.xml", client.request("REPORT", url, content=bodies.multiget(paths)))
        keep("etags.xml", client.request("PROPFIND", url, content=bodies.ETAGS, headers={"depth": "1"}))
        keep("token-refused.xml", client.request("REPORT", url, content=bodies.sync_collection("http://none/1")))
        again = client.put(f"{url}other.ics", content=resource(COURSE), headers={"content-type": "text/calendar"})
        keep("uid-conflict.xml", again)


def keep(name: str, answer: httpx.Response) -> None:
    """Write one answer's body into the folder."""
    (RECORDED / name).write_bytes(answer.content)


if __name__ == "__main__":
    record(*sys.argv[1:4])
