"""The statements of the ledger, see `flows.ledger.ledger`."""

KNOWN = """
select object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind
from sync.object where partner = $1"""

LOCK_REVISIONS = """
select object_id, revision from sync.object where partner = $1 and object_id = any($2::text[])
order by object_id for update"""

SAVE_OBJECTS = """
insert into sync.object (partner, object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind)
select $1,* from unnest($2::text[],$3::text[],$4::text[],$5::bigint[],$6::int[],$7::bool[],$8::timestamptz[],$9::text[])
on conflict (partner, object_id) do update set
    source_id = excluded.source_id, content_hash = excluded.content_hash, revision = excluded.revision,
    absences = excluded.absences, withdrawn = excluded.withdrawn, ends = excluded.ends, kind = excluded.kind,
    changed_at = now()"""

ADD_FACTS = """
insert into sync.fact (partner, fact_id, object_id, revision, type, key, time, payload)
select $1, fact_id, object_id, revision, type, key, time, payload
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bytea[])
    with ordinality as given (fact_id, object_id, revision, type, key, time, payload, place)
order by place"""

PENDING = """
select fact_id, object_id, revision, type, key, time, payload from sync.fact
where partner = $1 and sent_at is null and payload <> '' order by number"""

FORGET_UNSENT = """
with unsent as (delete from sync.fact where partner = $1 and sent_at is null and payload = '' returning object_id)
update sync.object set content_hash = '' from unsent
where object.partner = $1 and object.object_id = unsent.object_id"""

SENT = "update sync.fact set sent_at = now() where partner = $1 and fact_id = any($2::text[])"
FORGET = "delete from sync.fact where partner = $1 and sent_at < now() - interval '30 days'"

MARK = """
update sync.object as known set source_id = given.source_id, absences = given.absences
from unnest($2::text[], $3::text[], $4::int[], $5::bigint[]) as given (object_id, source_id, absences, revision)
where partner = $1 and known.object_id = given.object_id and known.revision = given.revision"""

SAVE_CURSOR = """
insert into sync.cursor (partner, cursor) values ($1, $2)
on conflict (partner) do update set cursor = excluded.cursor, saved_at = now()"""

CLEAR_REFUSALS = """
delete from sync.refusal where partner = $1 and (($2 and source_id <> all($6::text[])) or source_id = any($3::text[]))
and not exists (select from unnest($4::text[], $5::text[]) as still (source_id, place)
    where still.source_id = refusal.source_id and still.place = refusal.place)"""

NOTE_REFUSALS = """
insert into sync.refusal (partner, source_id, place, reason)
select $1, * from unnest($2::text[], $3::text[], $4::text[])
on conflict (partner, source_id, place) do update set reason = excluded.reason"""
