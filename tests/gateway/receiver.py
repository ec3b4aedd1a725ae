"""A partner's endpoint, as a program of its own: it notes each call, and answers as it was told to.

``python receiver.py PORT FILE ANSWERS``: what comes is a line of JSON each in FILE. ANSWERS is a list in JSON, an entry
for each call: status, headers, and after how many seconds; behind its end each call is accepted.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Endpoint(BaseHTTPRequestHandler):
    """Takes calls."""

    protocol_version = "HTTP/1.1"
    answers: list[tuple[int, dict[str, str], float]]
    noted: Path

    def do_POST(self) -> None:
        """Note a call before it is answered."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        status, headers, pause = self.answers.pop(0) if self.answers else (204, {}, 0.0)
        own = {name.lower(): value for name, value in self.headers.items()}
        with self.noted.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"status": status, "headers": own, "body": body}) + "\n")
        time.sleep(pause)
        self.send_response(status)
        for name, value in {**headers, "content-length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Endpoint.noted, Endpoint.answers = Path(sys.argv[2]), json.loads(sys.argv[3])
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Endpoint).serve_forever()
