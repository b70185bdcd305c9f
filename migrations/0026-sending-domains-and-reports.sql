-- A second key waits in DNS until it takes the first one's place: mails on their way stay provable. (product 4.5)
alter table sending_domain
  add column next_selector text check (next_selector ~ '^[a-z0-9-]{1,63}$'),
  add column next_private_key_sealed bytea,
  add column next_public_key text,
  add check (num_nulls(next_selector, next_private_key_sealed, next_public_key) in (0, 3));

-- Who did something, for lists of them: one index for all four, and one for the few who went away or complained.
create index recipient_responded on recipient (account_id, instance_id, place)
  where opened_at is not null or clicked_at is not null or unsubscribed_at is not null or complained_at is not null;
create index recipient_gone on recipient (account_id, instance_id, place)
  where unsubscribed_at is not null or complained_at is not null;

-- A large instance's numbers as they were last counted: counting a million recipients anew takes longer than a page
-- may wait. Written by the schedule alone, by the same statements that count small ones at each look. (product 4.6)
create table instance_report (
  account_id uuid not null,
  instance_id uuid not null,
  counted_at timestamptz not null,
  counts jsonb not null,
  primary key (account_id, instance_id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
);
call seal_by_account('instance_report');
