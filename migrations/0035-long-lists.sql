-- Lists of a million rows answer as short ones do: what is rare in them has a way of its own.

-- Resubscribes and bad addresses among a million unsubscribes.
create index writeback_by_type on writeback (account_id, type, id desc) where type <> 'unsubscribe';
-- What never arrived, among all that did.
create index webhook_delivery_given_up on webhook_delivery (account_id, webhook_id, id desc) where state = 'given_up';
-- Every minute looks for mails that are old: none, most of the time.
create index notice_mail_over on notice_mail (created_at) where state in ('sent', 'given_up');
-- The latest mail to each user that could not be sent.
create index notice_mail_in_trouble on notice_mail (account_id, created_at) where error is not null and state in ('waiting', 'given_up');

-- Row-level security lets no index serve a comparison that might tell of other accounts' rows, as `lower` and `like` might:
-- the server would look at every writeback of the account. Here the account is the caller's own, by the function. At most
-- so many, in no order; one more than the caller can use says that there are too many to be listed first.
create function writebacks_named(begins text, most int) returns setof bigint language plpgsql stable security definer
  set search_path = public, pg_temp set plan_cache_mode = force_custom_plan as $$
declare
  own constant uuid := current_account();
begin
  return query select w.id from (
    select b.id from writeback b where b.account_id = own and lower(b.email) like begins
    union all
    select b.id from writeback b where b.account_id = own and b.remote_id like begins) w limit most;
end $$;
grant create on schema public to lockstep_system;
alter function writebacks_named owner to lockstep_system;
revoke create on schema public from lockstep_system;
revoke execute on function writebacks_named from public;
grant execute on function writebacks_named to lockstep_app;
