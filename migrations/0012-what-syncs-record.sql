-- Which fields a read asks for, from its first start on: one that goes on after an interruption asks for the same, and
-- what is no longer kept when it is applied is left out. (product 2.5)
alter table sync add column fields text[];

-- The record of a list sync keeps at most 200 names of each kind, and how many there were.
update sync set list_changes = (
  select jsonb_object_agg(part.key, part.value || jsonb_build_object('counts', (
    select jsonb_object_agg(change.key, jsonb_array_length(change.value)) from jsonb_each(part.value) change)))
  from jsonb_each(list_changes) part)
where list_changes is not null;

-- What the nightly look at the data against its own rules found: the operator's, over all accounts. (product 6.3)
create schema operation;
grant usage on schema operation to lockstep_system;
create table operation.verification (
  date date primary key,
  started_at timestamptz not null,
  finished_at timestamptz,
  findings jsonb not null default '[]'
);
grant select, insert, update, delete on operation.verification to lockstep_system;
