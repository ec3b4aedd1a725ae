-- What the gateway remembers of requests with an Idempotency-Key. Applied at start; every statement can run twice.

create schema if not exists gateway;

-- The key itself is the partner's text and is not kept: its SHA-256 tells as well whether it came before.
create table if not exists gateway.request (
    partner text        not null,
    key     bytea       not null,
    digest  bytea       not null, -- of the facts: another request under the same key is another digest
    begun   timestamptz not null default now(),
    answer  jsonb,                -- null while it is being carried out
    primary key (partner, key)
);

create index if not exists request_begun on gateway.request (begun);
