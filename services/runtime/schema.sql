-- The hub's own tables. Applied at start by whoever comes first, under an advisory lock; every statement can run twice.

create schema if not exists engine;

-- How far a stateful service has come in one input partition. Moved by compare-and-set only.
create table if not exists engine.progress (
    service     text    not null,
    topic       text    not null,
    partition   integer not null,
    next_offset bigint  not null,
    primary key (service, topic, partition)
);

-- What a service knows of one object; the body is the service's own canonical JSON.
create table if not exists engine.state (
    service text  not null,
    key     text  not null,
    body    bytea not null,
    primary key (service, key)
);

-- By which marks the objects of a service can be recognised as the same thing, or as near to it: follows from
-- engine.state alone. Marks are compared byte by byte, so that all of one beginning lie together in the index.
create table if not exists engine.mark (
    service text not null,
    mark    text not null collate "C",
    key     text not null,
    primary key (service, mark, key)
);

-- Messages decided but perhaps not published yet, tagged with the input record they come from.
create table if not exists engine.outbox (
    service      text     not null,
    topic        text     not null,
    partition    integer  not null,
    input_offset bigint   not null,
    position     integer  not null,
    out_topic    text     not null,
    key          bytea,
    value        bytea,
    headers      bytea    not null, -- JSON list of [name, value], the value's bytes as Latin-1 characters
    primary key (service, topic, partition, input_offset, position)
);

-- What became of the messages of each partner, counted in the transaction that did it.
create table if not exists engine.tally (
    service text   not null,
    partner text   not null,
    outcome text   not null,
    number  bigint not null,
    primary key (service, partner, outcome)
);
