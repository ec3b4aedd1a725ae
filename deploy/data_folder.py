"""The folder of everything that a hub keeps on this machine."""

from pathlib import Path

from services.operations.errors import OperationError


class DataFolderError(OperationError):
    """There is none, and none can be made."""


def make(data: Path) -> None:
    """Make it where it is new.

    Raises:
        DataFolderError: the place is no folder, or nobody here may write there.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        came = f"expected a data folder in {data}, came: {error.strerror}"
        raise DataFolderError(
            f"{came}; make one that whoever starts the hub may write, and name it in HUB_DATA"
        ) from None
