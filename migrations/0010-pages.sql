-- What the pages ask about: folders in folders, the search for people, what
-- tells them that something changed.
alter table folder
  add column parent_id uuid,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  add column version int not null default 1,
  add foreign key (account_id, parent_id) references folder,
  add check (parent_id <> id),
  add constraint bridge_folder_is_at_the_top check (bridge_id is null or parent_id is null);
create index folder_by_parent on folder (account_id, parent_id);

-- A group whose folder was deleted while the group was too comes back without one.
alter table target_group
  alter column folder_id drop not null,
  add column version int not null default 1;

-- A list of groups shows what is open for each of them.
create index sync_open_of_group on sync (account_id, group_id)
  where group_id is not null and state not in ('succeeded', 'failed', 'cancelled');
-- Filters of the list of syncs that few of a night's thousands pass.
create index sync_troubled on sync (account_id, requested_at desc, id desc) where state in ('failed', 'held', 'cancelled');
create index sync_of_list on sync (account_id, requested_at desc, id desc) where kind = 'list';
create index sync_by_trigger on sync (account_id, trigger, requested_at desc, id desc);
create index sync_by_requester on sync (account_id, requested_by, requested_at desc, id desc);

-- Few of a group don't stand as sendable: a step of Count Details is opened from them.
create index subscriber_not_sendable on subscriber (account_id, standing, id) where standing <> 'sendable';

-- The words that a person is found by: of the address and of the kept values. The account is one of them, so that the
-- index leads to one account's people. Letters beyond ASCII stay as they are; the search asks for both their cases.
create function subscriber_words(account_id uuid, email_key text, kept jsonb) returns tsvector
  language sql immutable parallel safe
  return array_to_tsvector(array[account_id::text])
    || to_tsvector('pg_catalog.simple'::regconfig, translate(email_key, '@.-_+', '     '))
    || jsonb_to_tsvector('pg_catalog.simple'::regconfig, kept, '["string"]');
create index subscriber_search on subscriber using gin (subscriber_words(account_id, email_key, "values"));

-- Row-level security keeps such an index from one account's role, since the operator might tell of rows before they
-- are judged. These two functions use it for the running transaction's account alone, and give nothing but ids.
-- Words that many have are found by walking the list's own order, words that few have by the index: the planner
-- can't tell which, as it has no figures about beginnings of words. (a rare beginning took it 9 s among a million)
create function find_subscribers(words tsquery, key_from text, key_to text, after_key text, after_id bigint, most int)
  returns setof bigint language plpgsql stable security definer
  set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set work_mem = '32MB' as $$
declare
  own constant uuid := current_account();
  sought constant tsquery := quote_literal(own::text)::tsquery && words;
  found bigint[];
begin
  select array_agg(w.id) into found from (
    select x.id from (
      select s.id, s.email_key, s.remote_id, s."values" from subscriber s
      where s.account_id = own and (after_key is null or (s.email_key, s.id) > (after_key, after_id))
      order by s.email_key, s.id limit 1500 offset 0) x
    where subscriber_words(own, x.email_key, x."values") @@ sought or (x.remote_id >= key_from and x.remote_id < key_to)
    order by x.email_key, x.id limit most) w;
  if cardinality(found) = most then
    return query select unnest(found);
  else
    return query select x.id from (
        select s.id, s.email_key from subscriber s
        where s.account_id = own and subscriber_words(s.account_id, s.email_key, s."values") @@ sought
        union select s.id, s.email_key from subscriber s
        where s.account_id = own and s.remote_id >= key_from and s.remote_id < key_to) x
      where after_key is null or (x.email_key, x.id) > (after_key, after_id)
      order by x.email_key, x.id limit most;
  end if;
end $$;

-- The same among the members of one group, in the order in which they first came.
create function find_members(sought_group uuid, words tsquery, key_from text, key_to text, after_id bigint, most int)
  returns setof bigint language plpgsql stable security definer
  set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set work_mem = '32MB' as $$
declare
  own constant uuid := current_account();
  sought constant tsquery := quote_literal(own::text)::tsquery && words;
  found bigint[];
begin
  select array_agg(w.id) into found from (
    select s.id from (
      select m.subscriber_id from membership m
      where m.account_id = own and m.group_id = sought_group and m.removed_by is null and m.subscriber_id > after_id
      order by m.subscriber_id limit 1500 offset 0) x
    join subscriber s on s.account_id = own and s.id = x.subscriber_id
    where subscriber_words(own, s.email_key, s."values") @@ sought or (s.remote_id >= key_from and s.remote_id < key_to)
    order by s.id limit most) w;
  if cardinality(found) = most then
    return query select unnest(found);
  else
    return query select x.id from (
        select s.id from subscriber s
        where s.account_id = own and s.id > after_id and subscriber_words(s.account_id, s.email_key, s."values") @@ sought
        union select s.id from subscriber s
        where s.account_id = own and s.id > after_id and s.remote_id >= key_from and s.remote_id < key_to) x
      where exists (select from membership m
        where m.account_id = own and m.group_id = sought_group and m.subscriber_id = x.id and m.removed_by is null)
      order by x.id limit most;
  end if;
end $$;
grant create on schema public to lockstep_system;
alter function find_subscribers owner to lockstep_system;
alter function find_members owner to lockstep_system;
revoke create on schema public from lockstep_system;
revoke execute on function find_subscribers, find_members from public;
grant execute on function find_subscribers, find_members to lockstep_app;

-- What a browser says it is, so that people tell their sessions apart.
alter table user_session add column device text not null default '' check (length(device) <= 300);

-- Tells pages what changed: `<account> groups`, `<account> bridge`, `<session> session`. One notice a transaction.
create function tell_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform pg_notify('lockstep_change', x.id || ' ' || tg_argv[0]) from (select distinct id from old_rows) x;
  else
    perform pg_notify('lockstep_change', x.account_id || ' ' || tg_argv[0]) from (select distinct account_id from new_rows) x;
  end if;
  return null;
end $$;
create trigger folder_made after insert on folder
  referencing new table as new_rows for each statement execute function tell_change('groups');
create trigger folder_changed after update on folder
  referencing new table as new_rows for each statement execute function tell_change('groups');
create trigger target_group_made after insert on target_group
  referencing new table as new_rows for each statement execute function tell_change('groups');
create trigger target_group_changed after update on target_group
  referencing new table as new_rows for each statement execute function tell_change('groups');
create trigger bridge_made after insert on bridge
  referencing new table as new_rows for each statement execute function tell_change('bridge');
create trigger bridge_changed after update on bridge
  referencing new table as new_rows for each statement execute function tell_change('bridge');
create trigger user_session_ended after delete on user_session
  referencing old table as old_rows for each statement execute function tell_change('session');
