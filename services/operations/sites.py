"""Which hub a command is about: the environment, else the file that ``hub up`` writes into its data folder."""

import os
from pathlib import Path

from pydantic import ValidationError

from services.operations.errors import UsageError
from services.runtime.settings import Settings


def settings() -> Settings:
    """Read the settings: ``HUB_*`` variables win over ``<HUB_DATA>/hub.env`` (``KEY=VALUE`` lines).

    Raises:
        UsageError: something is missing or wrong; the text names the variable.
    """
    data = Path(os.environ.get("HUB_DATA", ".hub/data"))
    try:
        return Settings(_env_file=data / "hub.env")
    except ValidationError as error:
        wrong = "; ".join(f"HUB_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise UsageError(
            f"expected the settings of a hub, found none or wrong ones ({wrong}). Start one with 'hub up', point "
            f"HUB_DATA to its data folder (now {data}), or set the HUB_ variables"
        ) from None
