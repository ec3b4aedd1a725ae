from pathlib import Path

from contracts.agreements import load_agreements
from deploy.few import FEW, few


def test_the_few_have_each_way_in(tmp_path: Path) -> None:
    """A temporary hub has a calendar, a folder and a partner without a connector; nobody they name is missing."""
    agreements = load_agreements(few(tmp_path / "agreements"))
    assert tuple(agreements) == FEW
    kinds = {each.connector.kind if each.connector else None for each in agreements.values()}
    assert kinds == {None, "caldav", "dropfolder"}
