-- What was decided here and has yet to reach the AMS, and what has. (product 5)

create table writeback (
  account_id uuid not null,
  id bigint generated always as identity,
  bridge_id uuid not null,
  -- Whom it is about, by the AMS's customer key.
  remote_id text collate "C" not null,
  -- Whose page shows it; null once the person was erased here, whose wish goes all the same.
  subscriber_id bigint,
  -- Bad e-mail sets the AMS's flag as an unsubscribe does, and is shown as what it is. (product 5.1)
  type text not null check (type in ('unsubscribe', 'resubscribe', 'bad_email')),
  -- When it was decided here, and why: both go to the AMS.
  decided_at timestamptz not null,
  reason text,
  state text not null default 'ready' check (state in ('ready', 'processing', 'sent', 'failed', 'superseded')),
  -- A ready one waits until then: the next tick, or the end of a pause after a failed try.
  due_at timestamptz not null,
  -- How often it was tried since it was made or somebody asked for another try.
  tries int not null default 0,
  -- Which worker process sends it; one whose process died is taken over.
  run_by uuid,
  taken_at timestamptz,
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
  check ((state = 'processing') <= (run_by is not null)),
  check ((state in ('sent', 'failed', 'superseded')) = (ended_at is not null)),
  check ((state = 'failed') <= (error_message is not null)),
  check ((state = 'superseded') = (superseded_by is not null))
);
-- What is still to be sent, in the order it was decided: all other rows are history.
create index writeback_open on writeback (account_id, bridge_id, id) where state in ('ready', 'processing');
-- In order for each person: the open one, and the last one sent.
create index writeback_of_person on writeback (account_id, remote_id, id desc);
-- One at a time for each person is under way, whoever takes it.
create unique index writeback_one_processing on writeback (account_id, remote_id) where state = 'processing';
create index writeback_listed on writeback (account_id, state, id desc);
create index writeback_of_subscriber on writeback (account_id, subscriber_id) where subscriber_id is not null;
call seal_by_account('writeback');
