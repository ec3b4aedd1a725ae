-- The vault: what is known of people, apart from everything else. Applied by whoever opens it first, under an advisory
-- lock; every statement can run twice.

create schema if not exists vault;

-- Which key minted the references here. One row: under another key everybody would be somebody else.
create table if not exists vault.key (
    single      boolean not null primary key default true check (single),
    fingerprint text    not null
);

-- What a partner told of a human last. told_at: the time of the fact that told it.
create table if not exists vault.person (
    person_ref text        not null primary key,
    partner    text        not null,
    name       text,
    email      text,
    phone      text,
    birth_year integer,
    needs      text[]      not null,
    told_at    timestamptz not null
);

-- Who may read of whom: the partner who told, and the organiser of each offering that was asked for.
create table if not exists vault.reader (
    person_ref text        not null,
    partner    text        not null,
    since      timestamptz not null,
    told_at    timestamptz not null,
    primary key (person_ref, partner)
);

-- Whose data was erased. What facts told up to ``covers`` does not come back, however often they are replayed.
create table if not exists vault.erased (
    person_ref text        not null primary key,
    erased_at  timestamptz not null,
    covers     timestamptz not null,
    receipt    uuid        not null
);

-- Who read what of whom, for which purpose, through which door. Names of fields, no values.
create table if not exists vault.access (
    id         bigint      not null generated always as identity primary key,
    person_ref text        not null,
    reader     text        not null,
    purpose    text        not null,
    fields     text[]      not null,
    door       text        not null,
    at         timestamptz not null default now()
);

create index if not exists access_person_ref on vault.access (person_ref);

-- Who reads for a partner at a door; nobody but the owner does anything else here.
grant usage on schema vault to vault_reader;
grant select on vault.person, vault.reader to vault_reader;
grant insert on vault.access to vault_reader;
