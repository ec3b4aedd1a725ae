"""The operator's editor in the story: puts the office's address in the place of a human's. Its argument is the file."""

import sys
from pathlib import Path

PERSONS, OFFICES = "erika.mustermann@uni-wuppertal.example", "citizen-science@universitaet-wuppertal.example"

if __name__ == "__main__":
    message = Path(sys.argv[1])
    message.write_text(message.read_text(encoding="utf-8").replace(PERSONS, OFFICES), encoding="utf-8")
