-- Who takes an unsubscribe back leaves a line of its own: what happened stays, and who counts sees that something changed.
-- Every row there keeps the new rule already: nothing is read through for it. (product 4.5, 4.6)
alter table mailing_activity drop constraint mailing_activity_kind_check;
alter table mailing_activity add constraint mailing_activity_kind_check
  check (kind in ('open', 'click', 'unsubscribe', 'resubscribe', 'complaint', 'bounce')) not valid;

-- Hard bounces that came in a flood: they mark no address as bad until an administrator says so. (product 4.5)
create table held_bounce (
  account_id uuid not null,
  instance_id uuid not null,
  place int not null,
  subscriber_id bigint not null,
  at timestamptz not null,
  primary key (account_id, instance_id, place),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
);
create index held_bounce_of_subscriber on held_bounce (account_id, subscriber_id);
call seal_by_account('held_bounce');

-- What was answered to requests with an Idempotency-Key, for a day: sent again, they get it again. (product 6.2)
create table answered_request (
  account_id uuid not null references account,
  -- Whose key it is: the user's or the API key's id.
  caller text not null,
  -- Method and path.
  target text not null,
  key text not null check (length(key) between 1 and 200),
  -- Of the body and the query.
  digest bytea not null,
  at timestamptz not null,
  -- Null until it is answered.
  status int,
  content_type text,
  answer text,
  primary key (account_id, caller, target, key)
);
create index answered_request_old on answered_request (at);
call seal_by_account('answered_request');
