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

-- How far each partner who is called was told, and how its endpoint is doing. Of its answers, what stands here are
-- statuses and names of errors.
create table if not exists gateway.webhook (
    partner       text        primary key,
    next_offset   bigint      not null default -1, -- of its outbox, the first fact that was not accepted; -1: the first kept
    state         text        not null default 'calling',
    reason        text        not null default '',
    failures      integer     not null default 0,  -- in a row
    failing_since timestamptz,
    next_try      timestamptz not null default now(),
    accepted      timestamptz,                     -- when a fact last was
    -- One instance calls at a time, or a partner would be told in two orders. Whoever dies is waited for that long.
    owner         text        not null default '',
    owned_until   timestamptz not null default '-infinity'
);

-- The id of the topic that next_offset is a place in: one that was made anew under the name holds nothing of it.
alter table gateway.webhook add column if not exists outbox text not null default '';

-- Facts that an operator had left out, as the partner's endpoint never took them. They still lie in its outbox.
create table if not exists gateway.skip (
    time    timestamptz not null default now(),
    partner text        not null,
    id      text        not null, -- the webhook-id under which the partner knows the fact
    place   text        not null, -- topic/partition/offset
    answer  text        not null, -- what came last
    by      text        not null, -- the operator's account
    reason  text        not null
);
