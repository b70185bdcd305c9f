alter table recipient
  -- When the relay, or a later report, gave its final answer: sent, bounced or refused.
  add column answered_at timestamptz;
-- The latest answers to a mailing: what decides whether it goes on. (product 4.4)
create index recipient_answered on recipient (account_id, instance_id, answered_at desc) where answered_at is not null;
