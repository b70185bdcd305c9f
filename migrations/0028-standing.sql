-- Who said no, here and in the AMS, and whose no it is. (product 2.3, 2.4; docs/decisions/0028)

alter table subscriber
  -- The AMS's flag is there because a writeback of ours set it, not because the AMS's people did.
  add column flag_is_ours boolean not null default false,
  -- The AMS has another address for the customer key by now: what is known of this one says nothing of the person.
  add column is_former boolean not null default false;

-- A flag that a writeback set speaks for nobody while the no that it carried stands here. Alone, the person took the no
-- back and no administrator did: the AMS still says no.
drop index subscriber_not_sendable;
alter table subscriber drop column standing;
alter table subscriber add column standing text not null generated always as (
  case when do_not_email and not flag_is_ours then 'do_not_email'
       when unsubscribed_at is not null then 'unsubscribed'
       when bad_email_at is not null then 'bad_email'
       when do_not_email then 'do_not_email'
       else 'sendable' end) stored;
create index subscriber_not_sendable on subscriber (account_id, standing, id) where standing <> 'sendable';

-- Few said no, few addresses are bad, few people changed theirs: who shares one with somebody is found among them alone.
create index subscriber_unsubscribed_address on subscriber (account_id, email_key) where unsubscribed_at is not null;
create index subscriber_bad_address on subscriber (account_id, email_key) where bad_email_at is not null;
create index subscriber_former on subscriber (account_id, remote_id) where is_former;

alter table writeback
  -- The AMS's people lifted what this one had set, as a later read found out: a flag that comes after is not ours.
  add column undone_at timestamptz,
  -- A Resubscribe of somebody whose flag nothing of ours had set by then: the AMS is told, and its flag left as it is.
  add column lifts_nothing boolean not null default false;
