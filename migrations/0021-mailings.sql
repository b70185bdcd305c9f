-- Mailings: what is written, each publishing of it (an instance), its recipients, and what came back. (product 4)
alter table account
  -- Stands in every mailing; without it nothing is published. (product 4.5)
  add column postal_address text not null default '' check (length(postal_address) <= 500),
  add column open_tracking text not null default 'off' check (open_tracking in ('off', 'aggregate', 'person')),
  -- How long an instance keeps its recipients' values. (product 2.5)
  add column values_kept_days int not null default 30 check (values_kept_days between 1 and 3650);

alter table subscriber
  -- Soft bounces in a row, and since when; a delivery that goes through ends the row. (product 4.5)
  add column soft_bounces int not null default 0,
  add column soft_bounced_since timestamptz;

create table mailing (
  account_id uuid not null references account,
  id uuid not null,
  is_template boolean not null default false,
  name text not null check (length(name) between 1 and 200),
  -- Of its latest instance; a mailing that was never published is a draft.
  state text not null default 'draft' check (state in ('draft', 'scheduled', 'in_progress', 'on_hold', 'sent', 'cancelled')),
  from_name text not null default '',
  from_address text not null default '',
  reply_to text not null default '',
  subject text not null default '',
  preheader text not null default '',
  body_kind text not null default 'blocks' check (body_kind in ('blocks', 'mjml', 'html')),
  -- A document of blocks as JSON, MJML, or HTML.
  body text not null default '' check (octet_length(body) <= 1048576),
  -- Null while it is made from the body.
  text_part text check (octet_length(text_part) <= 1048576),
  -- Who is told when it is put on hold; null for a program's.
  owner_id uuid references app_user on delete set null,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  archived_at timestamptz,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  version int not null default 1,
  primary key (account_id, id),
  check (not is_template or state = 'draft')
);
create index mailing_latest on mailing (account_id, is_template, updated_at desc, id desc);
create index mailing_by_state on mailing (account_id, state, updated_at desc, id desc) where not is_template;
call seal_by_account('mailing');

-- Groups to send to, and groups not to send to. (product 4.1)
create table mailing_group (
  account_id uuid not null,
  mailing_id uuid not null,
  group_id uuid not null,
  side text not null check (side in ('to', 'not_to')),
  primary key (account_id, mailing_id, group_id),
  foreign key (account_id, mailing_id) references mailing on delete cascade,
  foreign key (account_id, group_id) references target_group
);
create index mailing_group_by_group on mailing_group (account_id, group_id);
call seal_by_account('mailing_group');

-- Pictures for mailings. Whoever has the address may look: mail programs sign in nowhere.
create table image (
  account_id uuid not null references account,
  id uuid not null,
  file_name text not null check (length(file_name) between 1 and 200),
  media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
  content bytea not null,
  width int not null check (width > 0),
  height int not null check (height > 0),
  created_at timestamptz not null,
  created_by text not null,
  deleted_at timestamptz,
  primary key (account_id, id)
);
alter table image alter column content set storage external;
create unique index image_by_id on image (id);
create index image_latest on image (account_id, created_at desc, id desc) where deleted_at is null;
call seal_by_account('image');

-- One publishing of a mailing: a durable workflow, seen step by step. (product 4.2)
create table mailing_instance (
  account_id uuid not null,
  id uuid not null,
  mailing_id uuid not null,
  name text not null,
  state text not null check (state in
    ('scheduled', 'syncing', 'building', 'counting_down', 'sending', 'paused', 'on_hold', 'sent', 'cancelled')),
  -- Where it goes on when it is resumed: the state that it was paused or held in.
  resumes_in text check (resumes_in in ('scheduled', 'syncing', 'building', 'counting_down', 'sending')),
  -- What is sent, taken apart: see frozen-content.ts. What is edited later doesn't change it.
  content jsonb not null,
  open_tracking text not null check (open_tracking in ('off', 'aggregate', 'person')),
  owner_id uuid references app_user on delete set null,
  published_at timestamptz not null,
  published_by text not null,
  -- When it shall begin: at once, or at the time it is scheduled for.
  due_at timestamptz not null,
  -- When each step began.
  syncing_at timestamptz,
  building_at timestamptz,
  -- The audience stands since then; until send_from it can be undone. (product 4.2)
  built_at timestamptz,
  send_from timestamptz,
  sending_at timestamptz,
  finished_at timestamptz,
  -- Syncs at publish are tried again 15 and 30 minutes later. (product 4.3)
  sync_round int not null default 0,
  retry_at timestamptz,
  -- An explicit choice: send to the last good audience. (product 4.3)
  may_use_last_good boolean not null default false,
  is_growth_confirmed boolean not null default false,
  hold_kind text,
  hold_message text,
  held_at timestamptz,
  cancelled_by text,
  -- The audience: everybody in the groups to send to, and what became of them.
  audience int not null default 0,
  recipients int not null default 0,
  excluded int not null default 0,
  values_erased_at timestamptz,
  version int not null default 1,
  primary key (account_id, id),
  foreign key (account_id, mailing_id) references mailing,
  check ((state = 'on_hold') = (hold_kind is not null)),
  check ((state in ('sent', 'cancelled')) = (finished_at is not null)),
  check (state not in ('paused', 'on_hold') or resumes_in is not null)
);
create unique index mailing_instance_by_id on mailing_instance (id);
create index mailing_instance_of_mailing on mailing_instance (account_id, mailing_id, published_at desc, id desc);
create index mailing_instance_by_due on mailing_instance (account_id, due_at desc, id desc);
-- One at a time for each mailing: a second press of Publish finds the first.
create unique index mailing_instance_one_open on mailing_instance (account_id, mailing_id) where state not in ('sent', 'cancelled');
-- What the schedule looks at, over all accounts.
create index mailing_instance_open on mailing_instance (state, due_at) where state not in ('sent', 'cancelled');
call seal_by_account('mailing_instance');

alter table target_group_use
  add foreign key (account_id, instance_id) references mailing_instance (account_id, id);

create table instance_group (
  account_id uuid not null,
  instance_id uuid not null,
  group_id uuid not null,
  side text not null check (side in ('to', 'not_to')),
  primary key (account_id, instance_id, group_id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade,
  foreign key (account_id, group_id) references target_group
);
create index instance_group_by_group on instance_group (account_id, group_id);
call seal_by_account('instance_group');

-- The syncs that an instance waits for, in each round.
create table instance_sync (
  account_id uuid not null,
  instance_id uuid not null,
  round int not null,
  group_id uuid not null,
  -- Null where none could be asked for: the reason stands in its place.
  sync_id uuid,
  reason text,
  primary key (account_id, instance_id, round, group_id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade,
  foreign key (account_id, group_id) references target_group,
  foreign key (account_id, sync_id) references sync,
  check ((sync_id is null) = (reason is not null))
);
create index instance_sync_by_sync on instance_sync (account_id, sync_id) where sync_id is not null;
call seal_by_account('instance_sync');

-- Its story: steps, holds, decisions, each with who or what caused it.
create table instance_event (
  account_id uuid not null,
  instance_id uuid not null,
  id bigint generated always as identity,
  at timestamptz not null,
  state text not null,
  message text not null,
  by text,
  primary key (account_id, instance_id, id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
);
call seal_by_account('instance_event');

-- Frozen recipients, each with a state of their own: nobody gets an instance twice. (product 4.4)
create table recipient (
  account_id uuid not null,
  instance_id uuid not null,
  -- From 1 on, without gaps.
  place int not null,
  subscriber_id bigint not null,
  email text not null,
  email_key text collate "C" not null,
  "values" jsonb not null default '{}',
  state text not null default 'waiting' check (state in
    ('waiting', 'claimed', 'handing_over', 'sent', 'deferred', 'bounced', 'refused', 'unsure', 'cancelled')),
  -- Deferred: not before.
  due_at timestamptz,
  -- The worker process that has it: it holds an advisory lock of this id as long as it lives.
  claimed_by uuid,
  claimed_at timestamptz,
  tries int not null default 0,
  first_tried_at timestamptz,
  -- When the last chunk of the message was let go.
  handed_over_at timestamptz,
  -- When the receiving server said yes.
  sent_at timestamptz,
  reply_code int,
  reply text,
  bounced_at timestamptz,
  bounce_kind text check (bounce_kind in ('hard', 'soft', 'policy', 'content')),
  bounce_reason text,
  -- The first of each by a person, as far as that can be told.
  opened_at timestamptz,
  clicked_at timestamptz,
  unsubscribed_at timestamptz,
  complained_at timestamptz,
  primary key (account_id, instance_id, place),
  foreign key (account_id, instance_id) references mailing_instance,
  check ((state in ('claimed', 'handing_over')) <= (claimed_by is not null)),
  check (state <> 'bounced' or bounced_at is not null)
) with (fillfactor = 70);
-- The wall behind all care: an address stands in an instance once.
create unique index recipient_once on recipient (account_id, instance_id, email_key);
create index recipient_to_send on recipient (account_id, instance_id, due_at nulls first, place) where state in ('waiting', 'deferred');
create index recipient_in_hand on recipient (claimed_by) where state in ('claimed', 'handing_over');
create index recipient_by_state on recipient (account_id, instance_id, state, place);
create index recipient_of_subscriber on recipient (account_id, subscriber_id, instance_id);
call seal_by_account('recipient');

-- Who was in the audience and is not written to, and why. (product 4.2)
create table instance_exclusion (
  account_id uuid not null,
  instance_id uuid not null,
  subscriber_id bigint not null,
  reason text not null check (reason in
    ('excluded_group', 'do_not_email', 'unsubscribed', 'bad_email', 'duplicate_address', 'already_sent')),
  primary key (account_id, instance_id, subscriber_id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
);
create index instance_exclusion_by_reason on instance_exclusion (account_id, instance_id, reason, subscriber_id);
call seal_by_account('instance_exclusion');

-- Links of an instance, by their place in it: where a click leads is looked up here, never read from the address.
create table instance_link (
  account_id uuid not null,
  instance_id uuid not null,
  place int not null,
  url text not null,
  label text not null default '',
  primary key (account_id, instance_id, place),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
);
call seal_by_account('instance_link');

-- What came back: opens, clicks, unsubscribes, complaints, bounces. Rows are only added.
create table mailing_activity (
  account_id uuid not null,
  id bigint generated always as identity,
  instance_id uuid not null,
  -- Null where opens are counted without a person.
  place int,
  kind text not null check (kind in ('open', 'click', 'unsubscribe', 'complaint', 'bounce')),
  at timestamptz not null,
  link int,
  -- A scanner or a privacy proxy, as far as that can be told: counted apart.
  is_automatic boolean not null default false,
  detail text,
  primary key (account_id, id),
  foreign key (account_id, instance_id) references mailing_instance
);
create index mailing_activity_of_instance on mailing_activity (account_id, instance_id, kind, at);
create index mailing_activity_of_recipient on mailing_activity (account_id, instance_id, place, at) where place is not null;
call seal_by_account('mailing_activity');

-- Domains that an account sends from, with the key that signs. (product 4.5)
create table sending_domain (
  account_id uuid not null references account,
  id uuid not null,
  -- In IDNA form, lower case.
  name text not null check (length(name) between 1 and 253),
  selector text not null check (selector ~ '^[a-z0-9-]{1,63}$'),
  private_key_sealed bytea not null,
  -- The public half, as DNS has it: base64 of SubjectPublicKeyInfo.
  public_key text not null,
  created_at timestamptz not null,
  created_by text not null,
  checked_at timestamptz,
  -- What DNS said at the last look.
  findings jsonb,
  version int not null default 1,
  primary key (account_id, id)
);
create unique index sending_domain_name on sending_domain (account_id, name);
call seal_by_account('sending_domain');

create trigger mailing_made after insert on mailing
  referencing new table as new_rows for each statement execute function tell_change('mailings');
create trigger mailing_changed after update on mailing
  referencing new table as new_rows for each statement execute function tell_change('mailings');
create trigger mailing_instance_made after insert on mailing_instance
  referencing new table as new_rows for each statement execute function tell_change('mailings');
create trigger mailing_instance_changed after update on mailing_instance
  referencing new table as new_rows for each statement execute function tell_change('mailings');
