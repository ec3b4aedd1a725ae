import asyncio

import pytest
from aiokafka import errors

from services.runtime.engine.suspects import failure, suspects

REFUSED, FENCED, SILENT = errors.MessageSizeTooLargeError(), errors.ProducerFenced(), TimeoutError()


@pytest.mark.parametrize(
    ("failures", "taken", "blamed"),
    [
        ({"a": REFUSED}, [], {"a"}),  # a refusal needs no witness
        ({"a": REFUSED, "b": SILENT}, ["c"], {"a"}),  # who is still in flight when one refuses is not to blame
        ({"a": SILENT}, ["b"], {"a"}),
        ({"a": SILENT, "b": SILENT}, [], set()),  # all are silent: it is the world
        ({"a": FENCED, "b": FENCED}, ["c"], set()),  # another owner: no topic is to blame
    ],
)
def test_who_is_to_blame(failures: dict[str, BaseException], taken: list[str], blamed: set[str]) -> None:
    """A topic is suspected for its own refusal, or for its silence while others answer; never for what befell all."""
    assert suspects(failures, taken) == blamed


async def test_what_became_of_a_batch() -> None:
    """One that was taken has no failure; one without an answer is silent."""
    taken, refused, waiting = (asyncio.get_running_loop().create_future() for _ in range(3))
    taken.set_result(1)
    refused.set_exception(REFUSED)
    assert (failure(taken), failure(refused), type(failure(waiting))) == (None, REFUSED, TimeoutError)
