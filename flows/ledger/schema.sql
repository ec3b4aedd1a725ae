-- What the flows remember of partner systems. Applied at start by whoever comes first; every statement can run twice.

create schema if not exists sync;

-- What a partner's system told of each object, as it was last recorded for the hub. The revision is allocated here.
create table if not exists sync.object (
    partner      text        not null,
    object_id    text        not null,
    source_id    text        not null,
    content_hash text        not null,
    revision     bigint      not null,
    absences     integer     not null default 0,
    withdrawn    boolean     not null default false,
    ends         timestamptz,
    changed_at   timestamptz not null default now(),
    primary key (partner, object_id)
);
-- What kind of object it is, as its contracts are named; before there were others, all were events.
alter table sync.object add column if not exists kind text not null default 'event';

-- Facts with their revision, written with the object's row before they are published; sent_at is Kafka's word.
-- Of one that tells a human the payload is empty.
create table if not exists sync.fact (
    number    bigint generated always as identity primary key,
    partner   text   not null,
    fact_id   text   not null unique,
    object_id text   not null,
    revision  bigint not null,
    type      text   not null,
    key       text   not null,
    time      text   not null,
    payload   bytea  not null,
    sent_at   timestamptz
);
create index if not exists fact_pending on sync.fact (partner, number) where sent_at is null;
create index if not exists fact_sent on sync.fact (sent_at) where sent_at is not null;

-- Up to where a partner's system was read, in that system's own words.
create table if not exists sync.cursor (
    partner  text        primary key,
    cursor   text        not null,
    saved_at timestamptz not null default now()
);

-- What we wrote into a partner's system. target_id is null once the object is no longer there: its revision stays, so
-- that an older fact does not bring it back.
create table if not exists sync.receipt (
    partner      text        not null,
    object_id    text        not null,
    fact_id      text        not null,
    revision     bigint      not null,
    target_id    text,
    etag         text,
    content_hash text        not null default '',
    written_at   timestamptz not null default now(),
    primary key (partner, object_id)
);

-- What would be withdrawn if a shrunken reading were believed; gone when it is told again, or an operator accepts it.
create table if not exists sync.hold (
    partner   text        not null,
    object_id text        not null,
    since     timestamptz not null default now(),
    primary key (partner, object_id)
);

-- What is refused in a partner's system now, once per place; gone when the entry is put right or taken away.
create table if not exists sync.refusal (
    partner   text        not null,
    source_id text        not null,
    place     text        not null,
    reason    text        not null,
    since     timestamptz not null default now(),
    primary key (partner, source_id, place)
);

-- Which refusals already became dead letters; forgotten when those have expired.
create table if not exists sync.burial (
    partner   text        not null,
    letter_id text        not null,
    buried_at timestamptz not null default now(),
    primary key (partner, letter_id)
);

-- Every run: when, how it ended, how many of what.
create table if not exists sync.run (
    number    bigint generated always as identity primary key,
    partner   text        not null,
    direction text        not null,
    started   timestamptz not null default now(),
    finished  timestamptz,
    ok        boolean,
    counts    jsonb       not null default '{}',
    error_kind text       not null default '',
    error     text        not null default ''
);
-- The operator who wanted it to change something, by the account on the machine where the command was given.
alter table sync.run add column if not exists asked_by text not null default '';
create index if not exists run_latest on sync.run (partner, direction, number desc);

-- What the hub told a partner of enrolments: how each stands, in the order of the requests. Humans stand
-- under their reference. ``listed`` is the revision that the latest participants' list shows, ``shown`` when that was
-- told what the list shows of the human; null where it shows nobody.
create table if not exists sync.enrolment (
    number       bigint      generated always as identity,
    partner      text        not null,
    enrolment_id text        not null,
    offering_id  text        not null,
    person_ref   text        not null,
    status       text        not null,
    place        integer,
    cause        text,
    revision     bigint      not null,
    listed       bigint      not null default 0,
    shown        timestamptz,
    primary key (partner, enrolment_id)
);
create index if not exists enrolment_offering on sync.enrolment (partner, offering_id);
-- ``asked``: the partner's own revision of the latest request that counted. ``reason``: why the offering is off, in the
-- organiser's words by language.
alter table sync.enrolment add column if not exists asked bigint not null default 0;
alter table sync.enrolment add column if not exists reason jsonb;

-- What the hub refused of what a partner's system told of one object, of its latest revision: for the answer. The
-- sentences are of the hub's rules and hold no value.
create table if not exists sync.rejection (
    partner   text   not null,
    object_id text   not null,
    revision  bigint not null,
    english   text   not null,
    german    text   not null,
    primary key (partner, object_id)
);
