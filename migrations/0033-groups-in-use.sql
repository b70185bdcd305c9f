-- A group that an instance has yet to go to can't be deleted; once the mails leave, its people are frozen. (product 3.2)
alter table target_group_use add column is_needed boolean not null default false;
update target_group_use u set is_needed = true from mailing_instance i
  where i.account_id = u.account_id and i.id = u.instance_id and i.state not in ('sent', 'cancelled') and i.sending_at is null;
create index target_group_use_needed on target_group_use (account_id, group_id) where is_needed;
