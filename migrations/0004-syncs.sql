create table nightly_run (
  account_id uuid not null,
  id uuid not null,
  bridge_id uuid not null,
  -- The night it is for, by the account's calendar: one run a night, however often the program starts.
  local_date date not null,
  due_at timestamptz not null,
  started_at timestamptz not null,
  -- The instant that eligibility is judged by; differs from started_at when asked for with --at.
  judged_at timestamptz not null,
  caused_by text not null,
  state text not null check (state in ('listing', 'syncing', 'done')),
  finished_at timestamptz,
  note text,
  -- The sync that reads the list for this run: its own, or one that it joined.
  list_sync_id uuid,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge,
  check ((state = 'done') = (finished_at is not null))
);
create unique index nightly_run_once_a_night on nightly_run (account_id, bridge_id, local_date) where caused_by = 'schedule';
create index nightly_run_open on nightly_run (account_id, bridge_id) where state <> 'done';
call seal_by_account('nightly_run');

create table sync (
  account_id uuid not null,
  id uuid not null,
  bridge_id uuid not null,
  group_id uuid,
  kind text not null check (kind in ('list', 'subscriber')),
  is_dry_run boolean not null default false,
  state text not null check (state in ('queued', 'reading', 'comparing', 'applying', 'succeeded', 'failed', 'held', 'cancelled')),
  trigger text not null check (trigger in
    ('login', 'folder_refresh', 'bridge_refresh', 'resync', 'publish', 'nightly', 'campaign', 'api', 'cli')),
  requested_by text not null,
  -- Lower goes first: publish before resync, resync before nightly. (product 1.4)
  priority int not null,
  requested_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- Which worker process runs it; the process holds an advisory lock of this id for as long as it lives. Null or
  -- dead while it reads, compares or applies: interrupted, and gone on with by whoever is free.
  run_by uuid,
  -- Rises with every start. A run that was taken over finds another number here and stops. (fencing)
  attempt int not null default 0,
  cancel_requested_by text,
  nightly_run_id uuid,
  -- The read: where it stands, and what it has staged. The cursor is the connector's own.
  read_cursor text,
  rows_read int not null default 0,
  rows_expected int,
  rows_applied int not null default 0,
  progress_at timestamptz,
  -- What it found (the chain of 1.6 up to the addresses) and what it changed, or would change.
  unusable int not null default 0,
  without_address int not null default 0,
  malformed_address int not null default 0,
  duplicate int not null default 0,
  distinct_valid int not null default 0,
  members_before int not null default 0,
  added int not null default 0,
  removed int not null default 0,
  updated int not null default 0,
  sendable int,
  -- List sync: what became of the groups and the fields.
  list_changes jsonb,
  error_kind text,
  error_message text,
  error_detail text,
  held_reason text,
  decided_by text,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge,
  foreign key (account_id, group_id) references target_group,
  foreign key (account_id, nightly_run_id) references nightly_run,
  check ((kind = 'subscriber') = (group_id is not null)),
  check (not is_dry_run or kind = 'subscriber'),
  check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  check ((state = 'failed') = (error_kind is not null)),
  check ((state = 'held') <= (held_reason is not null))
);
-- Serves the history of a group; unique so that a membership can prove that its sync was one of its own group.
create unique index sync_of_group on sync (account_id, group_id, id);
-- One at a time for each group, and at most one waiting behind it; the same for list syncs. (product 1.4)
create unique index sync_one_running on sync (account_id, coalesce(group_id, bridge_id))
  where state in ('reading', 'comparing', 'applying', 'held') and not is_dry_run;
create unique index sync_one_queued on sync (account_id, coalesce(group_id, bridge_id), is_dry_run) where state = 'queued';
create index sync_open on sync (account_id, bridge_id, state, priority, requested_at, id) where state not in ('succeeded', 'failed', 'cancelled');
create index sync_latest on sync (account_id, requested_at desc, id desc);
create index sync_of_nightly_run on sync (account_id, nightly_run_id) where nightly_run_id is not null;
call seal_by_account('sync');

alter table nightly_run add foreign key (account_id, list_sync_id) references sync;

-- Everybody who asked: the first, and those whose request joined. (product 1.3, 1.4)
create table sync_request (
  account_id uuid not null,
  sync_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  trigger text not null,
  requested_by text not null,
  joined boolean not null,
  primary key (account_id, sync_id, id),
  foreign key (account_id, sync_id) references sync
);
call seal_by_account('sync_request');

create table sync_event (
  account_id uuid not null,
  sync_id uuid not null,
  id bigint generated always as identity,
  at timestamptz not null,
  state text not null,
  message text not null,
  detail jsonb not null default '{}',
  primary key (account_id, sync_id, id),
  foreign key (account_id, sync_id) references sync
);
call seal_by_account('sync_event');

create table nightly_verdict (
  account_id uuid not null,
  run_id uuid not null,
  group_id uuid not null,
  is_taken boolean not null,
  reason text not null,
  sync_id uuid,
  primary key (account_id, run_id, group_id),
  foreign key (account_id, run_id) references nightly_run,
  foreign key (account_id, group_id) references target_group,
  foreign key (account_id, sync_id) references sync
);
call seal_by_account('nightly_verdict');

-- Who was in which group from which sync to which: present, past and "who changed" in one table. (product 1.8)
create table membership (
  account_id uuid not null,
  group_id uuid not null,
  subscriber_id bigint not null,
  added_by uuid not null,
  removed_by uuid,
  -- One key proves the sync, the group and that they belong together.
  foreign key (account_id, group_id, added_by) references sync (account_id, group_id, id),
  foreign key (account_id, group_id, removed_by) references sync (account_id, group_id, id)
);
create unique index membership_open on membership (group_id, subscriber_id) where removed_by is null;
create index membership_of_subscriber on membership (account_id, subscriber_id);
create index membership_added on membership (added_by);
create index membership_removed on membership (removed_by) where removed_by is not null;
call seal_by_account('membership');

-- The foreign key from a membership to its subscriber, kept by the statement instead of by the row: a row-wise key
-- locks each of a million subscribers one by one and takes twice as long as the insert itself. Subscribers are deleted
-- only by who holds the account's apply turn, so nobody can slip in between. (docs/decisions/0006)
create function membership_has_subscribers() returns trigger language plpgsql as $$
declare
  missing record;
begin
  select n.account_id, n.subscriber_id into missing from new_rows n
    left join subscriber s on s.account_id = n.account_id and s.id = n.subscriber_id
    where s.id is null limit 1;
  if found then
    raise exception 'membership of subscriber %, who is not in account %', missing.subscriber_id, missing.account_id
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger membership_inserted after insert on membership
  referencing new table as new_rows for each statement execute function membership_has_subscribers();

create function subscriber_has_no_memberships() returns trigger language plpgsql as $$
begin
  perform from old_rows o join membership m on m.account_id = o.account_id and m.subscriber_id = o.id limit 1;
  if found then
    raise exception 'a subscriber with memberships can''t be deleted' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger subscriber_deleted after delete on subscriber
  referencing old table as old_rows for each statement execute function subscriber_has_no_memberships();

-- One apply at a time in an account: two reads may hold the same people, and would write them in different orders.
-- Whoever applies counts on; whoever compared before and finds the count moved looks again at what it would write.
create table apply_turn (
  account_id uuid primary key references account,
  turn bigint not null
);
call seal_by_account('apply_turn');

-- Rows that can't be used, kept with their reason, as periods like memberships. (product 1.7)
create table rejected_row (
  account_id uuid not null,
  group_id uuid not null,
  -- Digest of reason, key, address and how often the same came before it in the read.
  fingerprint uuid not null,
  remote_id text not null,
  email text not null,
  reason text not null check (reason in
    ('key_missing', 'key_malformed', 'flag_malformed', 'without_address', 'malformed_address', 'duplicate_address', 'duplicate_key')),
  added_by uuid not null,
  removed_by uuid,
  foreign key (account_id, group_id, added_by) references sync (account_id, group_id, id),
  foreign key (account_id, group_id, removed_by) references sync (account_id, group_id, id)
);
create unique index rejected_row_open on rejected_row (group_id, fingerprint) where removed_by is null;
create index rejected_row_list on rejected_row (group_id, reason, remote_id) where removed_by is null;
create index rejected_row_added on rejected_row (added_by);
call seal_by_account('rejected_row');

-- Whatever changes how a person stands (a sync, an unsubscribe, a bounce) changes the counts of all the person's
-- groups in the same statement, so the chain of every group adds up at every commit. (product 1.6)
create function move_standing_counts() returns trigger language plpgsql as $$
begin
  -- In one order everywhere, so that two changes of many groups can't wait for each other.
  perform 1 from target_group g
    where g.id in (select m.group_id from old_rows o join new_rows n using (account_id, id)
                   join membership m on m.account_id = n.account_id and m.subscriber_id = n.id and m.removed_by is null
                   where o.standing <> n.standing)
    order by g.id for no key update;
  update target_group g set
    do_not_email = g.do_not_email + moved.do_not_email,
    unsubscribed = g.unsubscribed + moved.unsubscribed,
    bad_email = g.bad_email + moved.bad_email,
    sendable = g.sendable + moved.sendable
  from (
    select m.group_id,
      sum((n.standing = 'do_not_email')::int - (o.standing = 'do_not_email')::int) as do_not_email,
      sum((n.standing = 'unsubscribed')::int - (o.standing = 'unsubscribed')::int) as unsubscribed,
      sum((n.standing = 'bad_email')::int - (o.standing = 'bad_email')::int) as bad_email,
      sum((n.standing = 'sendable')::int - (o.standing = 'sendable')::int) as sendable
    from old_rows o join new_rows n using (account_id, id)
    join membership m on m.account_id = n.account_id and m.subscriber_id = n.id and m.removed_by is null
    where o.standing <> n.standing
    group by m.group_id) moved
  where g.id = moved.group_id;
  return null;
end $$;
create trigger subscriber_standing after update on subscriber
  referencing old table as old_rows new table as new_rows
  for each statement execute function move_standing_counts();

-- The planner's statistics, kept up by whoever makes the tables twice as large: the server's own upkeep comes a minute
-- later, and a plan made for an empty table took four seconds for five hundred people.
create function refresh_statistics(written int) returns void
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if (select written + n_mod_since_analyze > greatest(c.reltuples, 0)
      from pg_stat_user_tables t join pg_class c on c.oid = t.relid where t.relid = 'subscriber'::regclass) then
    analyze subscriber;
    analyze membership;
  end if;
end $$;
revoke execute on function refresh_statistics from public;
grant execute on function refresh_statistics to lockstep_app;
