"""The process manager on a leash: ``python -m deploy.leash -c FILE`` is supervisord that ends when standard input does.

Who started it holds the other end of that pipe. However the starter ends, also killed, nothing stays behind.
"""

import os
import signal
import sys
import threading

from supervisor import supervisord


def main() -> None:
    """Run supervisord until it is told to stop or standard input ends."""
    threading.Thread(target=_watch, daemon=True).start()
    supervisord.main(sys.argv[1:])


def _watch() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
