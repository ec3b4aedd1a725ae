"""What must change so that Kafka looks as the agreements say. Pure: two states in, one plan out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.operations.apply import remarks
from services.operations.apply.actual import OURS, UNTOUCHED, Actual
from services.operations.apply.desired import Desired, Topic
from services.operations.apply.grants import Acl
from services.operations.cursors import Cursor


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change by kind, each kind in the order of names; ``problems`` need a human, ``hints`` do not."""

    create: tuple[Topic, ...] = ()
    widen: tuple[Topic, ...] = ()
    configure: tuple[Topic, ...] = ()  # with the settings that differ only
    cursors: tuple[Cursor, ...] = ()
    add_users: tuple[str, ...] = ()
    allow: tuple[Acl, ...] = ()
    forbid: tuple[Acl, ...] = ()
    lock_users: tuple[str, ...] = ()
    revoke_keys: tuple[str, ...] = ()  # of partners whose agreement opens no HTTP door, or who have none any more
    remove_secrets: tuple[str, ...] = ()  # of partners whose agreement names no webhook, or who have none any more
    problems: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The plan as people read it: ``+`` is added, ``~`` changed, ``-`` removed."""
        return [
            *(f"+ topic {t.name}: {t.partitions} partition(s), {_kept(t)}" for t in self.create),
            *(f"~ topic {t.name}: {t.partitions} partitions" for t in self.widen),
            *(f"~ topic {t.name}: {name} = {value}" for t in self.configure for name, value in t.settings.items()),
            *(f"+ cursor of {cursor} at the first record" for cursor in self.cursors),
            *(f"+ user {user}" for user in self.add_users),
            *(f"+ {acl}" for acl in self.allow),
            *(f"- {acl}" for acl in self.forbid),
            *(f"- user {user}: locked" for user in self.lock_users),
            *(f"- keys of {partner} at the HTTP door: revoked" for partner in self.revoke_keys),
            *(f"- secrets that calls of {partner} are signed with: removed" for partner in self.remove_secrets),
        ]


def difference(desired: Desired, actual: Actual) -> Plan:
    """Compare. Topics are never removed: what lies in them may be needed, and a hint says how to. Users are locked."""
    known = {name: topic for name, topic in desired.topics.items() if name in actual.topics}
    missing, lost = _cursors(desired, actual)
    return Plan(
        create=tuple(topic for name, topic in sorted(desired.topics.items()) if name not in actual.topics),
        widen=tuple(t for t in _by_name(known.values()) if t.partitions > actual.topics[t.name].partitions),
        configure=tuple(_settings(known.values(), actual.topics)),
        cursors=missing,
        add_users=tuple(sorted(desired.users - actual.users)),
        allow=tuple(sorted(desired.acls - actual.acls)),
        forbid=tuple(sorted(actual.acls - desired.acls)),
        lock_users=tuple(sorted(u for u in actual.users - desired.users if u.startswith(OURS) and u not in UNTOUCHED)),
        problems=tuple(remarks.problems(desired, actual, lost)),
        hints=tuple(remarks.hints(desired, actual)),
    )


def _by_name(topics: Iterable[Topic]) -> list[Topic]:
    return sorted(topics, key=lambda topic: topic.name)


def _settings(wanted: Iterable[Topic], present: Mapping[str, Topic]) -> Iterable[Topic]:
    for topic in _by_name(wanted):
        now = present[topic.name].settings
        other = {name: value for name, value in topic.settings.items() if now.get(name) != value}
        if other:
            yield Topic(topic.name, topic.partitions, other)


def _cursors(desired: Desired, actual: Actual) -> tuple[tuple[Cursor, ...], tuple[Cursor, ...]]:
    """Split the cursors that are not there: into those of partitions without any record, and lost ones."""
    absent = sorted(desired.cursors - actual.cursors)
    written = {partition for partition, end in actual.ends.items() if end > 0}
    lost = tuple(cursor for cursor in absent if (cursor.topic, cursor.partition) in written)
    return tuple(cursor for cursor in absent if cursor not in lost), lost


def _kept(topic: Topic) -> str:
    if topic.settings.get("cleanup.policy") == "compact":
        return "the newest of each key kept"
    milliseconds = int(topic.settings.get("retention.ms", "-1"))
    return "kept for ever" if milliseconds < 0 else f"kept {milliseconds // 86_400_000} days"
