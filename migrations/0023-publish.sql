-- Publishing: values read for one mailing, when a round of syncs is tried again, and the audience that was confirmed.

-- Fields that are not kept, but that a mailing which waits for this sync asks for. (product 2.5)
alter table sync add column extra_fields text[] not null default '{}';

-- Their values, until the instances that wait for the sync have taken them.
create table sync_value (
  account_id uuid not null,
  sync_id uuid not null,
  subscriber_id bigint not null,
  "values" jsonb not null,
  primary key (account_id, sync_id, subscriber_id)
);
call seal_by_account('sync_value');

alter table mailing_instance
  -- Rounds count on; this is the one that the publish, or a person's "try again", began with. (product 4.3)
  add column first_sync_round int not null default 0,
  -- How many people the publisher saw and said yes to: what a growth is measured against, too. (product 1.5)
  add column confirmed_recipients int check (confirmed_recipients >= 0);

-- A key row by row costs as much as the insert itself: a million recipients prove their instance by the statement.
-- Instances are never deleted. (docs/decisions/0006)
alter table recipient drop constraint recipient_account_id_instance_id_fkey;
alter table instance_exclusion drop constraint instance_exclusion_account_id_instance_id_fkey;
create function rows_have_an_instance() returns trigger language plpgsql as $$
declare
  missing record;
begin
  select n.account_id, n.instance_id into missing from (select distinct account_id, instance_id from new_rows) n
    left join mailing_instance i on i.account_id = n.account_id and i.id = n.instance_id
    where i.id is null limit 1;
  if found then
    raise exception 'instance %, which is not in account %', missing.instance_id, missing.account_id
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger recipient_inserted after insert on recipient
  referencing new table as new_rows for each statement execute function rows_have_an_instance();
create trigger instance_exclusion_inserted after insert on instance_exclusion
  referencing new table as new_rows for each statement execute function rows_have_an_instance();
-- What the tidy-up looks at.
create index sync_with_extra on sync (account_id, id) where extra_fields <> '{}';

-- A caller's own key for a press of Publish: sent again, it finds what it began, even when that is over. (reliability P6)
alter table mailing_instance
  add column idempotency_key text check (length(idempotency_key) between 1 and 200),
  add column idempotency_request jsonb;
create unique index mailing_instance_by_key on mailing_instance (account_id, mailing_id, idempotency_key)
  where idempotency_key is not null;

-- Who waits is known by recipient_to_send, and how many by what is left: a freeze of a million writes one index less.
drop index recipient_by_state;
create index recipient_by_state on recipient (account_id, instance_id, state, place) where state <> 'waiting';
