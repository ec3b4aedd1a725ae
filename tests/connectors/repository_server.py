"""The demo's repository with its tempers: what the test plans for the middle of a harvest, and what some get wrong.

oai-repo leaves deleted records out of ListRecords and writes no ``status`` into headers; ``says_deleted`` adds it.
Run as ``python repository_server.py <state file> <port>``.
"""

import json
import sys
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from oai_repo import OAIRepository

from deploy.demo import repository_server


class Records(repository_server.Records):
    """Tokens may outlive the list that they are of."""

    def list_state(self, named: list[tuple[str, str]]) -> str:
        """As the file says."""
        return super().list_state(named) if self.state["tokens_expire"] else ""


class Handler(repository_server.Handler):
    """Answers from the file, and applies what is planned for the middle of a harvest."""

    def answer(self, words: dict[str, str], state: dict[str, Any]) -> None:
        """Answer one request."""
        if "resumptionToken" in words and state["planned"]:
            state["records"] |= state.pop("planned")
            state["planned"] = {}
            self._path.write_text(json.dumps(state), encoding="utf-8")
        if words.get("identifier") in state["broken"]:
            self.send_error(500)
            return
        response = OAIRepository(Records(state, "http://repository.example/oai")).process(words)
        for header in response.root().iter("header") if state["says_deleted"] else ():
            if state["records"][header.findtext("identifier")]["deleted"]:
                header.set("status", "deleted")
        self.send(bytes(response))


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), partial(Handler, Path(sys.argv[1]))).serve_forever()
