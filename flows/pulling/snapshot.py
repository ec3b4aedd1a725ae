"""The snapshot differ: what we know of a partner's objects and what its system tells now give what has changed.

Pure. Nearly every partner system tells its deletions by silence alone, so silence must be read with care:

- Only a complete reading can miss an object, and only the second complete reading in a row that misses it withdraws
  it. What the source itself reports as deleted, or leaves out of an item that it reports as changed, counts as both.
- What was refused or could not be read is there, whatever it says.
- An object whose last date has passed is not missed: sources stop listing what is over, and leaving the time window is
  no withdrawal. A deletion that the source reports itself is believed all the same: somebody wanted it gone.
- A reading that tells nothing at all, or that misses more than a fifth of what is known (and more than one object), is
  more likely a fault than a wish. It counts as no absence; deletions are held until an operator accepts them.
- What a human asked for ends when somebody says so: no silence is read as a cancellation (`ends_by_silence`).
- An object told as another kind than before is withdrawn as what it was and told anew: readers keep kinds apart.
- Accepted is what was held when the operator looked. Should much more be missing by then, all of it is held anew.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from contracts.registry import kind_of
from flows.connector import Draft
from flows.ledger.known import Change, Diff, Known, Look, content_hash
from flows.pulling.silence import listen, withdrawn
from flows.pulling.tellers import choose_tellers


def diff(known: Mapping[str, Known], look: Look, now: datetime, accepted: AbstractSet[str] = frozenset()) -> Diff:
    """Compare.

    Args:
        known: the ledger's rows by object id.
        look: the reading.
        now: what has its last date before it is over.
        accepted: held objects of which an operator says that they are gone.
    """
    chosen, refused = choose_tellers(look, known)
    told = _told(chosen, known, now)
    silence = listen(known, look, {draft.fact.subject for draft in chosen}, now)
    return _join(told, replace(silence.judged(accepted), refused=refused))


def _told(drafts: tuple[Draft, ...], known: Mapping[str, Known], now: datetime) -> Diff:
    changes: list[Change] = []
    unheard: list[str] = []
    marks: list[Known] = []
    for draft in drafts:
        before = known.get(draft.fact.subject)
        after = _after(draft, before)
        if before is None or before.withdrawn:
            if draft.fact.begins:
                changes.append(Change("new", draft.fact, after))
            else:
                unheard.append(draft.fact.subject)
        elif before.kind != after.kind:
            changes += [withdrawn(before), Change("new", draft.fact, replace(after, revision=before.revision + 1))]
        elif before.content_hash == after.content_hash or _left_the_window(draft, before, now):
            kept = replace(before, source_id=draft.source_id, absences=0)
            marks += [kept] if kept != before else []
        else:
            changes.append(Change("changed", draft.fact, after))
    told = {change.fact.subject for change in changes}
    unchanged = len(drafts) - len(told) - len(unheard)
    return Diff(changes=tuple(changes), unchanged=unchanged, unheard=tuple(unheard), marks=tuple(marks))


def _after(draft: Draft, before: Known | None) -> Known:
    fact = draft.fact
    ends = fact.over if fact.begins or before is None else before.ends
    revision = before.revision if before else 0
    return Known(
        fact.subject,
        draft.source_id,
        draft.fingerprint or content_hash(fact),
        revision,
        ends=ends,
        kind=kind_of(fact.type),
    )


def _left_the_window(draft: Draft, before: Known, now: datetime) -> bool:
    """Whether an event only lost its dates because they are too long past to be unfolded."""
    dates_gone = draft.fact.begins and draft.fact.over is None
    return dates_gone and before.ends is not None and before.ends < now


def _join(told: Diff, silent: Diff) -> Diff:
    return replace(
        told,
        changes=(*told.changes, *silent.changes),
        absent=silent.absent,
        held=silent.held,
        accepted=silent.accepted,
        refused=silent.refused,
        marks=(*told.marks, *silent.marks),
    )
