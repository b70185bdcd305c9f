-- What was decided here and has yet to reach the AMS, and what has. (product 5)

create table writeback (
  account_id uuid not null,
  id bigint generated always as identity,
  bridge_id uuid not null,
  -- Whom it is about, by the AMS's customer key: one row for a key, however many entries the person has here.
  remote_id text collate "C" not null,
  -- Whose page shows it, and the address that it was decided about. Null once the person was erased here, whose wish
  -- goes all the same.
  subscriber_id bigint,
  email text,
  -- Bad e-mail sets the AMS's flag as an unsubscribe does, and is shown as what it is. (product 5.1)
  type text not null check (type in ('unsubscribe', 'resubscribe', 'bad_email')),
  -- When it was decided here, and why: both go to the AMS.
  decided_at timestamptz not null,
  reason text,
  -- Withdrawn: a person took their no back before it was sent.
  state text not null default 'ready' check (state in ('ready', 'processing', 'sent', 'failed', 'superseded', 'withdrawn')),
  -- A ready one waits until then: the next tick, or the end of a pause after a failed try.
  due_at timestamptz not null,
  -- Tries that the AMS refused, since it was made or somebody asked for another try.
  tries int not null default 0,
  -- Tries in a row that got no answer: they count towards no failure, only towards the pause before the next.
  unanswered int not null default 0,
  -- A call was under way whose end nobody saw: the next try asks the AMS before it writes.
  is_unsure boolean not null default false,
  -- The flag is set, the line in the person's history may not be written yet.
  flag_set_at timestamptz,
  -- Which session sends it (bridge_session); one whose session is gone is taken over.
  session_id uuid,
  ended_at timestamptz,
  -- What the AMS said to the last try, for people, and for operators.
  error_kind text,
  error_message text,
  error_detail text,
  -- The later decision that took its place before it was sent.
  superseded_by bigint,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge,
  foreign key (account_id, subscriber_id) references subscriber on delete set null (subscriber_id),
  foreign key (account_id, superseded_by) references writeback,
  check ((state = 'processing') = (session_id is not null)),
  check ((state in ('sent', 'failed', 'superseded', 'withdrawn')) = (ended_at is not null)),
  check ((state = 'failed') <= (error_message is not null)),
  check ((state = 'superseded') = (superseded_by is not null))
);
-- What is to be sent, by when it is due; who is at it. All other rows are history.
create index writeback_due on writeback (account_id, bridge_id, due_at, id) where state = 'ready';
create index writeback_in_hand on writeback (account_id, bridge_id, session_id) where state = 'processing';
-- In order for each person: what has not reached the AMS; a failed one has not. A sync's read asks for it, too.
create index writeback_unsent on writeback (account_id, remote_id, id) where state in ('ready', 'processing', 'failed');
-- One of a person is under way at a time, whoever takes it.
create unique index writeback_one_processing on writeback (account_id, remote_id) where state = 'processing';
create index writeback_of_person on writeback (account_id, remote_id, id desc);
create index writeback_of_subscriber on writeback (account_id, subscriber_id, id desc) where subscriber_id is not null;
-- The list: all, by state, by day; and the search by the beginning of an address.
create index writeback_by_state on writeback (account_id, state, id desc);
create index writeback_by_time on writeback (account_id, decided_at);
create index writeback_by_address on writeback (account_id, lower(email) text_pattern_ops);
create index writeback_superseded on writeback (account_id, superseded_by) where superseded_by is not null;
call seal_by_account('writeback');

-- Sessions that are open with the AMS for something other than a sync. A process's liveness tells whether it still is.
create table bridge_session (
  account_id uuid not null,
  bridge_id uuid not null,
  id uuid not null,
  -- The worker process that has it.
  run_by uuid not null,
  opened_at timestamptz not null,
  -- Somebody saw that its process had died: what it sent last may still be under way in the AMS.
  lost_at timestamptz,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge
);
create index bridge_session_open on bridge_session (account_id, bridge_id);
call seal_by_account('bridge_session');

-- Sessions with the AMS at once, whoever has them: syncs that a living process reads with, writebacks, and a test of
-- the connection. Whoever opens one counts under the bridge's row first. (product 1.4)
-- process: who asks, and lives; applied: its syncs that the AMS has told everything.
create function count_sessions(account uuid, bridge uuid, process text, applied uuid[]) returns int
  language sql volatile
  return (select count(*) from sync s where s.account_id = account and s.bridge_id = bridge
      and s.state in ('reading', 'comparing', 'applying') and s.run_by is not null and s.id <> all(applied)
      and (s.run_by::text = process or is_alive(s.run_by::text)))
    + (select count(*) from bridge_session b where b.account_id = account and b.bridge_id = bridge and b.lost_at is null
      and (b.run_by::text = process or is_alive(b.run_by::text)))
    + is_alive('test ' || bridge)::int;

-- Whether syncs of the bridge wait for a session: writebacks then leave them their share.
create function syncs_wait(account uuid, bridge uuid) returns boolean
  language sql volatile
  return exists (select from sync s where s.account_id = account and s.bridge_id = bridge and s.state = 'queued');

-- When writebacks last gave a session back, and when they last asked in vain for one that was overdue: with both, long
-- queues of syncs and writebacks take turns at a bridge's only session.
alter table bridge add column writebacks_ended_at timestamptz, add column writebacks_asked_at timestamptz;
