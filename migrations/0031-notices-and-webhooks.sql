-- What happens here is told: to programs by webhooks, to people by mail.

-- The account's hour at which daily digests leave, and the instant up to which they have told everything.
alter table account
  add column digest_hour int not null default 7 check (digest_hour between 0 and 23),
  add column digested_until timestamptz;

-- Addresses of an account's own programs.
create table webhook (
  account_id uuid not null references account,
  id uuid not null,
  url text not null check (length(url) between 1 and 2048),
  events text[] not null check (cardinality(events) > 0),
  is_active boolean not null default true,
  -- AES-256-GCM. A replaced one signs beside the new one for a day, so that receivers can change over.
  secret_sealed bytea not null,
  old_secret_sealed bytea,
  old_secret_until timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  -- When something was last sent: whose turn is longest ago goes first.
  tried_at timestamptz,
  succeeded_at timestamptz,
  -- Since when nothing but failures came back, how many, and until when it is left alone.
  failing_since timestamptz,
  failures_in_a_row int not null default 0,
  paused_until timestamptz,
  -- Why it is off, when the program switched it off.
  switched_off_reason text,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  version int not null default 1,
  primary key (account_id, id),
  check (not is_active or switched_off_reason is null),
  check ((old_secret_sealed is null) = (old_secret_until is null))
);
call seal_by_account('webhook');

-- What was told, once for all webhooks that hear it. Its id is the message's, whoever gets it and however often.
create table told_event (
  account_id uuid not null references account,
  id uuid not null,
  type text not null,
  at timestamptz not null,
  data jsonb not null,
  primary key (account_id, id)
);
create index told_event_old on told_event (at);
call seal_by_account('told_event');

-- One event on its way to one webhook.
create table webhook_delivery (
  account_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  event_id uuid not null,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'delivered', 'given_up')),
  due_at timestamptz not null,
  -- Since it was made, or somebody asked to send it again.
  tries int not null default 0,
  -- Which worker process sends it; one whose process died is taken over.
  run_by uuid,
  taken_at timestamptz,
  ended_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, webhook_id) references webhook on delete cascade,
  foreign key (account_id, event_id) references told_event on delete cascade,
  check ((state = 'sending') = (run_by is not null)),
  check ((state in ('delivered', 'given_up')) = (ended_at is not null))
);
-- What waits, of one webhook and at all: everything else is history.
create index webhook_delivery_waiting on webhook_delivery (account_id, webhook_id, due_at) where state = 'waiting';
create index webhook_delivery_due on webhook_delivery (due_at) where state = 'waiting';
create index webhook_delivery_sending on webhook_delivery (account_id, webhook_id) where state = 'sending';
create index webhook_delivery_listed on webhook_delivery (account_id, webhook_id, id desc);
create index webhook_delivery_of_event on webhook_delivery (account_id, event_id);
call seal_by_account('webhook_delivery');

-- One call. Written before it leaves; without a duration it was cut off, and nobody knows whether it arrived.
create table webhook_attempt (
  account_id uuid not null,
  delivery_id uuid not null,
  at timestamptz not null,
  duration_ms int,
  status int,
  -- In words, when it failed.
  error text,
  -- The answer's first bytes.
  answer text,
  primary key (account_id, delivery_id, at),
  foreign key (account_id, delivery_id) references webhook_delivery on delete cascade
);
call seal_by_account('webhook_attempt');

-- What a user wants to be told, and how, where it isn't what their role is told anyway.
create table notice_choice (
  account_id uuid not null references account,
  user_id uuid not null references app_user on delete cascade,
  type text not null,
  way text not null check (way in ('at_once', 'digest', 'none')),
  -- By type first: with everything that happens it is asked who wants to be told.
  primary key (account_id, type, user_id)
);
call seal_by_account('notice_choice');

-- One line of a mail that is still being collected.
create table notice (
  account_id uuid not null references account,
  id bigint generated always as identity,
  user_id uuid not null references app_user on delete cascade,
  type text not null,
  at timestamptz not null,
  text text not null,
  -- Where it is looked at: a path of the pages.
  path text not null,
  -- How many it stands for: people, or one.
  count int not null default 1,
  primary key (account_id, id)
);
create index notice_collected on notice (account_id, user_id, at);
call seal_by_account('notice');

-- Mails to users, until they have left. The text goes when it was sent; the row stays a while, as the proof of a digest.
create table notice_mail (
  account_id uuid not null references account,
  id uuid not null,
  user_id uuid not null references app_user on delete cascade,
  kind text not null check (kind in ('notices', 'digest')),
  -- Of a digest: the day of the account's own calendar.
  day date,
  subject text not null,
  body_text text,
  body_html text,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'given_up')),
  created_at timestamptz not null,
  due_at timestamptz not null,
  tries int not null default 0,
  run_by uuid,
  taken_at timestamptz,
  ended_at timestamptz,
  error text,
  primary key (account_id, id),
  check ((kind = 'digest') = (day is not null)),
  check ((state = 'sending') = (run_by is not null)),
  check ((state in ('sent', 'given_up')) = (ended_at is not null))
);
-- A user has one digest a day.
create unique index notice_mail_digest on notice_mail (account_id, user_id, day) where kind = 'digest';
create index notice_mail_open on notice_mail (due_at) where state in ('waiting', 'sending');
create index notice_mail_of_user on notice_mail (account_id, user_id, created_at desc);
call seal_by_account('notice_mail');

-- What a digest counts of a day.
create index wish_change_by_time on wish_change (account_id, at);
