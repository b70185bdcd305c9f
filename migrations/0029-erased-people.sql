-- One person's data, taken out on request, and kept out. (product 2.6)

-- Who was erased, by hashes alone: HMAC-SHA-256 of an address or a customer key with the installation's own key. Whoever
-- has this table without the key learns nobody from it; who comes again is known all the same.
create table erased_person (
  account_id uuid not null references account,
  hash bytea not null check (octet_length(hash) = 32),
  -- All hashes of one person: who comes back comes back by each of them.
  erasure_id uuid not null,
  -- The apply turn it was done in: a read that was looked through before looks again for what is newer.
  turn bigint not null,
  erased_at timestamptz not null,
  primary key (account_id, hash)
);
create index erased_person_of_erasure on erased_person (account_id, erasure_id);
call seal_by_account('erased_person');

-- What is left of the person: an empty row that memberships and recipients go on to count by, and that nobody can be
-- written to by. It leaves its groups with their next syncs, as everybody does.
alter table subscriber
  add column erased_at timestamptz,
  add constraint erased_is_empty check (erased_at is null or (email_key = id || '@erased' and remote_id is null
    and "values" = '{}' and unsubscribed_at is not null and row_hash is null));

alter table rejected_row drop constraint rejected_row_reason_check;
alter table rejected_row add constraint rejected_row_reason_check check (reason in
  ('key_missing', 'key_malformed', 'flag_malformed', 'without_address', 'malformed_address', 'duplicate_address',
   'duplicate_key', 'erased'));

alter table instance_exclusion drop constraint instance_exclusion_reason_check;
alter table instance_exclusion add constraint instance_exclusion_reason_check check (reason in
  ('excluded_group', 'do_not_email', 'unsubscribed', 'bad_email', 'duplicate_address', 'already_sent', 'erased'));
-- Which mailings left a person out, for the person's own page.
create index instance_exclusion_of_subscriber on instance_exclusion (account_id, subscriber_id);

-- The audit log takes no change, but for this one: a person's address goes out of it, and what was done stays. Entries
-- about users are theirs: a colleague who was also written to signs in all the same.
create function erase_from_audit(pattern text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update audit_entry set subject = regexp_replace(subject, pattern, '[erased]', 'gi'),
    detail = regexp_replace(detail::text, pattern, '[erased]', 'gi')::jsonb
  where account_id = current_account() and action not like 'user.%' and action not like 'account.%'
    and (subject ~* pattern or detail::text ~* pattern);
end $$;
grant update (subject, detail) on audit_entry to lockstep_system;
grant create on schema public to lockstep_system;
alter function erase_from_audit owner to lockstep_system;
revoke create on schema public from lockstep_system;
revoke execute on function erase_from_audit from public;
grant execute on function erase_from_audit to lockstep_app;

-- The search passes by who was erased: nobody is found by the number in an empty row's place of an address. (else as in 0010)
create or replace function find_subscribers(words tsquery, key_from text, key_to text, after_key text, after_id bigint, most int)
  returns setof bigint language plpgsql stable security definer
  set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set work_mem = '32MB' as $$
declare
  own constant uuid := current_account();
  sought constant tsquery := quote_literal(own::text)::tsquery && words;
  found bigint[];
begin
  select array_agg(w.id) into found from (
    select x.id from (
      select s.id, s.email_key, s.remote_id, s."values", s.erased_at from subscriber s
      where s.account_id = own and (after_key is null or (s.email_key, s.id) > (after_key, after_id))
      order by s.email_key, s.id limit 3000 offset 0) x
    where x.erased_at is null
      and (subscriber_words(own, x.email_key, x."values") @@ sought or (x.remote_id >= key_from and x.remote_id < key_to))
    order by x.email_key, x.id limit most) w;
  if cardinality(found) = most then
    return query select unnest(found);
  else
    return query select x.id from (
        select s.id, s.email_key, s.erased_at from subscriber s
        where s.account_id = own and (subscriber_words(s.account_id, s.email_key, s."values") @@ sought
          or (s.account_id = own and s.remote_id >= key_from and s.remote_id < key_to)) offset 0) x
      where x.erased_at is null and (after_key is null or (x.email_key, x.id) > (after_key, after_id))
      order by x.email_key, x.id limit most;
  end if;
end $$;
