create table bridge (
  account_id uuid not null references account,
  id uuid not null,
  connector text not null,
  base_url text not null,
  user_name text not null,
  -- AES-256-GCM with the account in the associated data; see platform/secrets.
  password_sealed bytea not null,
  mapping jsonb,
  is_active boolean not null default true,
  session_limit int not null default 1 check (session_limit between 1 and 16),
  guard_percent int not null default 30 check (guard_percent between 0 and 100),
  guard_minimum int not null default 50 check (guard_minimum >= 0),
  guard_absolute int check (guard_absolute > 0),
  nightly_is_on boolean not null default true,
  nightly_hour int not null default 3 check (nightly_hour between 0 and 23),
  -- Health. Refused credentials are final until somebody saves new ones or tests the connection.
  needs_attention_since timestamptz,
  needs_attention_reason text,
  failures_in_a_row int not null default 0 check (failures_in_a_row >= 0),
  -- While the circuit is open, the next sync may not start before this instant.
  probe_at timestamptz,
  list_synced_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  version int not null default 1,
  primary key (account_id, id)
);
-- One AMS for each account today; the first AMS of many kinds is still one bridge.
create unique index bridge_one_for_account on bridge (account_id);
call seal_by_account('bridge');

create table personalization_field (
  account_id uuid not null,
  bridge_id uuid not null,
  name text collate "C" not null check (length(name) between 1 and 64),
  data_type text not null,
  display_name text not null,
  default_value text not null default '',
  comment text not null default '',
  is_valid boolean not null,
  is_kept boolean not null default false check (not is_kept or is_valid),
  missing_since timestamptz,
  -- No longer kept: a worker erases the values that are still there, and then clears this.
  must_forget boolean not null default false,
  created_at timestamptz not null,
  primary key (account_id, bridge_id, name),
  foreign key (account_id, bridge_id) references bridge
);
call seal_by_account('personalization_field');

create table folder (
  account_id uuid not null references account,
  id uuid not null,
  -- The bridge that made this folder for its groups; null for a person's own.
  bridge_id uuid,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null,
  deleted_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge
);
create unique index folder_of_bridge on folder (account_id, bridge_id) where bridge_id is not null;
call seal_by_account('folder');

create table target_group (
  account_id uuid not null references account,
  id uuid not null,
  folder_id uuid not null,
  kind text not null check (kind in ('bridge', 'compound', 'static')),
  bridge_id uuid,
  query_key text collate "C",
  name text not null,
  created_at timestamptz not null,
  -- Missing in the AMS since; the group stays, mailings refer to it. (product 1.1)
  missing_since timestamptz,
  deleted_at timestamptz,
  guard_percent int check (guard_percent between 0 and 100),
  guard_minimum int check (guard_minimum >= 0),
  guard_absolute int check (guard_absolute > 0),
  count_state text not null default 'not_yet_counted' check (count_state in ('not_yet_counted', 'counted', 'error')),
  counted_at timestamptz,
  -- The sync whose read the group is now.
  counted_by uuid,
  -- Count Details, the chain of 1.6. The last four are how the members stand today.
  total_records int not null default 0,
  unusable int not null default 0,
  without_address int not null default 0,
  malformed_address int not null default 0,
  duplicate int not null default 0,
  do_not_email int not null default 0,
  unsubscribed int not null default 0,
  bad_email int not null default 0,
  sendable int not null default 0,
  distinct_valid int generated always as (do_not_email + unsubscribed + bad_email + sendable) stored,
  primary key (account_id, id),
  foreign key (account_id, folder_id) references folder,
  foreign key (account_id, bridge_id) references bridge,
  check ((kind = 'bridge') = (bridge_id is not null and query_key is not null)),
  check (count_state <> 'counted' or counted_at is not null),
  -- The numbers add up, always. (product 1.6)
  constraint counts_add_up check (
    total_records = unusable + without_address + malformed_address + duplicate
      + do_not_email + unsubscribed + bad_email + sendable)
);
create unique index target_group_of_query on target_group (account_id, bridge_id, query_key) where kind = 'bridge';
create index target_group_by_name on target_group (account_id, lower(name), id);
create index target_group_by_folder on target_group (account_id, folder_id);
call seal_by_account('target_group');

-- What a compound group is made of; members are computed from it, never copied. (product 3.1)
create table compound_part (
  account_id uuid not null,
  compound_id uuid not null,
  part_id uuid not null,
  side text not null check (side in ('include', 'exclude')),
  primary key (account_id, compound_id, part_id, side),
  foreign key (account_id, compound_id) references target_group,
  foreign key (account_id, part_id) references target_group,
  check (compound_id <> part_id)
);
create index compound_part_by_part on compound_part (account_id, part_id);
call seal_by_account('compound_part');

-- An instance was published to the group, as audience or as exclusion. Written by mailings, read by the nightly rule.
create table target_group_use (
  account_id uuid not null,
  group_id uuid not null,
  instance_id uuid not null,
  used_as text not null check (used_as in ('audience', 'exclusion')),
  used_at timestamptz not null,
  primary key (account_id, group_id, instance_id, used_as),
  foreign key (account_id, group_id) references target_group
);
create index target_group_use_latest on target_group_use (account_id, group_id, used_at desc);
call seal_by_account('target_group_use');
