-- Running it for years: what is kept how long, what a night removed, how large everything is, and a copy of the
-- database that harms nobody. (product 2.5, 6.1, 6.3)

alter table account
  -- Opens, clicks and other answers one by one, and who was left out of a mailing; null: for ever. What reports count
  -- stays either way.
  add column mailing_detail_kept_days int default 730 check (mailing_detail_kept_days between 30 and 3650),
  -- The story of each sync, rejected rows that came and went, and the nights' verdicts; null: for ever. Who was in
  -- which group, and who changed it, stays either way. (product 1.8)
  add column sync_detail_kept_days int default 730 check (sync_detail_kept_days between 30 and 3650),
  -- Uploaded files that nobody imported.
  add column uploads_kept_days int not null default 1 check (uploads_kept_days between 1 and 30);

alter table mailing_instance
  -- Since then its report is the kept one, and what came back one by one is gone, or going.
  add column detail_erased_at timestamptz,
  -- How many were left out, by reason, when the list of them went.
  add column exclusions_kept jsonb;
create index mailing_instance_to_erase on mailing_instance (account_id, finished_at)
  where detail_erased_at is null and finished_at is not null;
create index mailing_instance_erased on mailing_instance (account_id, id) where detail_erased_at is not null;

-- A night's look at what is over: from the last one it looked at on.
create index sync_by_end on sync (account_id, finished_at, id) where finished_at is not null;
create index rejected_row_removed on rejected_row (removed_by) where removed_by is not null;

-- How far each step of the housekeeping has come, so that no night looks at what another has done with.
create table housekeeping_mark (
  account_id uuid not null references account,
  step text not null,
  ended_at timestamptz not null,
  id uuid not null,
  primary key (account_id, step)
);
call seal_by_account('housekeeping_mark');

-- One night's housekeeping of one account, or one that a person asked for.
create table housekeeping_run (
  account_id uuid not null references account,
  id uuid not null,
  -- The night it is for, by the account's calendar.
  local_date date not null,
  caused_by text not null,
  asked_at timestamptz not null,
  -- Of its first start; a killed process's run is gone on with.
  started_at timestamptz,
  finished_at timestamptz,
  run_by uuid,
  -- Time at work, over all starts.
  worked_ms bigint not null default 0,
  -- Rows by kind; counted in the transactions that remove them.
  removed jsonb not null default '{}',
  -- What could not be done, by step; the next night tries again.
  errors jsonb not null default '{}',
  primary key (account_id, id)
);
create unique index housekeeping_run_once_a_night on housekeeping_run (account_id, local_date) where caused_by = 'schedule';
create unique index housekeeping_run_open on housekeeping_run (account_id) where finished_at is null;
create index housekeeping_run_latest on housekeeping_run (account_id, asked_at desc, id desc);
call seal_by_account('housekeeping_run');

-- What an account keeps, by table, as it was last counted: a page never counts.
create table stored_rows (
  account_id uuid not null references account,
  table_name text not null,
  counted_at timestamptz not null,
  rows bigint not null,
  oldest_at timestamptz,
  newest_at timestamptz,
  -- Rows by month, where the table knows when: { "2026-11": 1200 }.
  months jsonb not null default '{}',
  primary key (account_id, table_name)
);
call seal_by_account('stored_rows');

-- How large each table was, night by night.
create table operation.measurement (
  date date primary key,
  started_at timestamptz not null,
  finished_at timestamptz
);
create table operation.table_size (
  date date not null references operation.measurement on delete cascade,
  table_name text not null,
  bytes bigint not null,
  rows bigint not null,
  primary key (date, table_name)
);
grant select, insert, update, delete on operation.measurement, operation.table_size to lockstep_system;

-- Where this database believes to be, and when a worker was last seen on it. A copy that wakes up elsewhere, or after
-- more than a day, sends nothing and writes nothing back until somebody says so. (product 6.3)
create table operation.installation (
  is_only boolean primary key default true check (is_only),
  id uuid not null default gen_random_uuid(),
  place text not null,
  seen_at timestamptz not null,
  paused_at timestamptz,
  paused_reason text,
  check ((paused_at is null) = (paused_reason is null))
);
grant select, insert, update on operation.installation to lockstep_system;
