"""Dispatch, with the made-up contract about people among those it knows."""

from services.dispatch.__main__ import SERVICE
from services.runtime.service import run
from tests.dispatch.people import registered

if __name__ == "__main__":
    registered()
    run(SERVICE)
