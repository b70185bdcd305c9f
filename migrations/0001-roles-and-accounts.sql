-- Three roles stand behind every query; nobody signs in as them.
--   lockstep_app     one account's work: row-level security shows it that account and nothing else
--   lockstep_system  what is about all accounts (who owns this API key, whose night is it): sees every account
--   lockstep_jobs    owns the job engine's schema and can read none of our tables
do $$
declare
  name text;
begin
  foreach name in array array['lockstep_app', 'lockstep_system', 'lockstep_jobs'] loop
    begin
      execute format('create role %I nologin', name);
    exception when duplicate_object or unique_violation then
      null; -- roles belong to the whole server: another database of it may have made them
    end;
    if not pg_has_role(current_user, name, 'usage') then
      execute format('grant %I to current_user', name);
    end if;
  end loop;
  execute format('grant create on database %I to lockstep_jobs', current_database());
  grant create on schema public to lockstep_jobs;
end $$;

grant usage on schema public to lockstep_app, lockstep_system;
alter default privileges in schema public grant select, insert, update, delete on tables to lockstep_app, lockstep_system;
alter default privileges in schema public grant usage on sequences to lockstep_app, lockstep_system;

-- Staging: one unlogged table for each sync that reads, made and dropped by it. Outside row-level security, since
-- COPY can't be fenced by it; a table's name is its sync's id, which was found inside the account.
create schema staging;
grant usage, create on schema staging to lockstep_app, lockstep_system;

-- The account of the running transaction, or null, with which every comparison fails.
create function current_account() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('app.account', true), '')::uuid;

-- Puts the second wall around a table: a query that forgot its account finds nothing.
-- The sub-select makes the planner ask for the account once a query, not once a row.
create procedure seal_by_account(sealed regclass, account_column text default 'account_id')
  language plpgsql as $$
begin
  execute format('alter table %s enable row level security', sealed);
  execute format('alter table %s force row level security', sealed);
  execute format('create policy account on %s to lockstep_app using (%I = (select current_account()))', sealed, account_column);
  execute format('create policy system on %s to lockstep_system using (true)', sealed);
end $$;

create table account (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  time_zone text not null,
  created_at timestamptz not null
);
call seal_by_account('account', 'id');

create table api_key (
  account_id uuid not null references account,
  id uuid not null,
  name text not null check (length(name) between 1 and 200),
  -- SHA-256 of the key: the key itself is shown once and kept nowhere.
  token_hash bytea not null unique,
  -- The key's first characters, so that people can tell keys apart.
  hint text not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (account_id, id)
);
call seal_by_account('api_key');

create table audit_entry (
  account_id uuid not null references account,
  id uuid not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}',
  primary key (account_id, id)
);
call seal_by_account('audit_entry');
revoke update, delete on audit_entry from lockstep_app, lockstep_system;

-- Hands a job to the engine in the caller's own transaction. It runs as the engine's role, since the engine's tables
-- are closed to everybody else.
create function enqueue_job(task text, payload json, job_key text, run_at timestamptz, priority int, max_attempts int)
  returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job(
    identifier => task, payload => payload, job_key => job_key, run_at => run_at, priority => priority,
    max_attempts => max_attempts, job_key_mode => 'replace');
end $$;
alter function enqueue_job owner to lockstep_jobs;
revoke execute on function enqueue_job from public;
grant execute on function enqueue_job to lockstep_app, lockstep_system;

-- A worker process holds one advisory lock for itself and one for each of its engine workers, on a connection of its
-- own. When the process dies, the server lets go of them at once: no heartbeat, no clock.
create function liveness_key(holder text) returns int
  language sql immutable parallel safe
  return hashtext(holder) & 2147483647;
create function is_alive(holder text) returns boolean
  language sql volatile
  return exists (
    select from pg_locks
    where locktype = 'advisory' and objsubid = 2 and classid = 7001 and objid = liveness_key(holder)::oid
      and database = (select oid from pg_database where datname = current_database()));

-- Frees the jobs of engine workers that died with their process, so that others take them over.
create function free_jobs_of_dead_workers() returns int
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  dead text[];
begin
  select array_agg(distinct locked_by) into dead from graphile_worker.jobs
    where locked_by is not null and locked_at < now() - interval '2 seconds' and not is_alive(locked_by);
  if dead is not null then
    perform graphile_worker.force_unlock_workers(dead);
  end if;
  return coalesce(cardinality(dead), 0);
end $$;
alter function free_jobs_of_dead_workers owner to lockstep_jobs;
revoke execute on function free_jobs_of_dead_workers from public;
grant execute on function free_jobs_of_dead_workers to lockstep_system;
grant usage on schema public to lockstep_jobs;
revoke create on schema public from lockstep_jobs;
