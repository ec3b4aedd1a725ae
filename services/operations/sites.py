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
        if not os.environ.get("HUB_AGREEMENTS") and not (data / "hub.env").exists():
            raise UsageError(
                f"expected a hub in {data.resolve()}, there is none yet: start one with 'hub up', or point HUB_DATA to "
                "the data folder of one that was started"
            ) from None
        wrong = "; ".join(f"HUB_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise UsageError(
            f"expected the settings of a hub, found wrong ones ({wrong}): correct the HUB_ variables, or what 'hub up' "
            f"wrote into {data.resolve() / 'hub.env'}"
        ) from None
