"""The agreements: one TOML file per partner, its name the partner's id. The files beside this module are examples.

Everything else derives from them: topics, users, ACLs, routes, flows, the status page.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from contracts.agreement import Agreement
from contracts.agreements.connecting import of_connector
from contracts.agreements.form import AGREEMENT
from contracts.agreements.kinds import Kinds
from contracts.agreements.mistakes import AgreementError, Mistake, Source, of_syntax, of_validation
from contracts.agreements.places import Places
from contracts.agreements.purposes import of_purposes
from contracts.agreements.reserved import of_reserved

__all__ = ["EXAMPLES", "AgreementError", "load_agreements", "parse_agreement"]

EXAMPLES = Path(__file__).parent
"""The folder of the example agreements."""


def load_agreements(folder: Path) -> dict[str, Agreement]:
    """Read every agreement of a folder, by partner id, in the order of their names.

    Raises:
        AgreementError: the folder holds no agreement, or a wrong one; all mistakes are told at once.
    """
    texts, kinds = _read(folder), Kinds()
    mistakes: list[Mistake] = []
    agreements: dict[str, Agreement] = {}
    for path, text in texts.items():
        try:
            agreement = parse_agreement(text, path, kinds)
        except AgreementError as error:
            mistakes += error.mistakes
        else:
            agreements[agreement.id] = agreement
    mistakes = mistakes or _strangers(texts, agreements)
    if mistakes:
        raise AgreementError(mistakes)
    return agreements


def parse_agreement(text: str, path: Path, kinds: Kinds | None = None) -> Agreement:
    """Read one agreement.

    Args:
        text: the file's content.
        path: where it was read; its stem must be the partner's id.
        kinds: of partner systems; those installed, unless given.

    Raises:
        AgreementError: it is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AgreementError([of_syntax(error, path, text)]) from None
    agreement = _judged(Source(path, text, document), kinds or Kinds())
    if agreement.id != path.stem:
        raise AgreementError([_misnamed(agreement, path, text)])
    return agreement


def _judged(source: Source, kinds: Kinds) -> Agreement:
    mistakes = [*of_connector(source, kinds), *of_purposes(source), *of_reserved(source)]
    try:
        agreement = Agreement.model_validate(source.document)
    except ValidationError as error:
        mistakes += of_validation(error, source, AGREEMENT)
    if mistakes:
        raise AgreementError(sorted(mistakes, key=lambda mistake: mistake.line))
    return agreement


def _read(folder: Path) -> dict[Path, str]:
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    if not paths:
        # Without this, a mistyped folder would look like the wish to remove every partner.
        expected = "a folder with at least one agreement, <partner>.toml"
        raise AgreementError(
            [Mistake(folder, 0, expected, "name that folder: agreements in hub.toml, or HUB_AGREEMENTS")]
        )
    return {path: _text(path) for path in paths}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise AgreementError([Mistake(path, 0, "text in UTF-8", "save the file in UTF-8")]) from None
    except OSError as error:
        expected = f"a file that can be read ({error.strerror})"
        raise AgreementError([Mistake(path, 0, expected, "correct its owner or rights")]) from None


def _misnamed(agreement: Agreement, path: Path, text: str) -> Mistake:
    other = path.with_name(f"{agreement.id}.toml")
    taken = f"; {other.name} exists already, and an id names one partner" if other.exists() else ""
    return Mistake(
        path,
        Places(text).line(("id",)),
        f"the file's name as id, because it names topics and users{taken}",
        f'write id = "{path.stem}"' + ("" if taken else f", or rename the file to {other.name}"),
    )


def _strangers(texts: Mapping[Path, str], agreements: Mapping[str, Agreement]) -> list[Mistake]:
    """Find outboxes that name a partner nobody has an agreement with: a typing mistake would silently open nothing."""
    return [
        Mistake(
            path,
            Places(text).line(("outbox", "partners"), value=stranger),
            f"partners with an agreement in this folder, found {stranger!r}",
            f'write "{(difflib.get_close_matches(stranger, agreements, n=1) or ["*"])[0]}", or leave it out',
        )
        for path, text in texts.items()
        for stranger in agreements[path.stem].outbox.partners
        if stranger not in {*agreements, "*"}
    ]
