"""Which records are versions of one work: a dataset must not appear twice, as its concept and as its versions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.connectors.oaipmh.cursor import Entry


@dataclass(frozen=True, slots=True)
class Works:
    """Concept DOIs by the DOIs of their versions, where only the concept's own record says so."""

    concepts: Mapping[str, str]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Works":
        """Collect what the records say of each other."""
        return cls({each: entry.doi for entry in entries if entry.doi for each in entry.versions if each != entry.doi})

    def concept_of(self, doi: str | None, concept: str | None) -> str | None:
        """Return the DOI that stands for all versions of a work; None where the work has no versions."""
        return concept or self.concepts.get(doi or "")

    def name(self, entry: Entry) -> str | None:
        """Return what all versions of a work have in common."""
        return self.concept_of(entry.doi, entry.concept) or entry.doi


def siblings(touched: Iterable[str], before: Mapping[str, Entry], after: Mapping[str, Entry]) -> set[str]:
    """Return the records of the works that the touched records belong or belonged to, without themselves.

    When one version comes, changes or goes, all are read again: which of them tells the work is decided among all.
    """
    names = set(touched)
    works = Works.of([*before.values(), *after.values()])
    members: dict[str, set[str]] = defaultdict(set)
    for name, entry in after.items():
        if (work := works.name(entry)) is not None:
            members[work].add(name)
    entries = [known[name] for known in (before, after) for name in names if name in known]
    return set().union(*(members[work] for entry in entries if (work := works.name(entry)) is not None)) - names
