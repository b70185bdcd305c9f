alter table recipient
  -- When a server gave its final answer: sent, bounced or refused.
  add column answered_at timestamptz,
  -- The address bounced, or took mail after it had bounced: its subscriber has not heard of it yet.
  add column must_tell boolean not null default false;
-- The latest answers to a mailing: what decides whether it goes on. (product 4.4)
create index recipient_answered on recipient (account_id, instance_id, answered_at desc) where answered_at is not null;
create index recipient_to_tell on recipient (account_id, instance_id, place) where must_tell;
