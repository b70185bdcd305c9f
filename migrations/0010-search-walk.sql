-- The search for people walks twice as far before it asks the index: a word that one in thirty has took 170 ms among a
-- million when the walk just missed, and takes 14 ms now; one that nobody has takes 35 ms. Where the index is asked, it
-- is one condition instead of two lists put together.
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
      select s.id, s.email_key, s.remote_id, s."values" from subscriber s
      where s.account_id = own and (after_key is null or (s.email_key, s.id) > (after_key, after_id))
      order by s.email_key, s.id limit 3000 offset 0) x
    where subscriber_words(own, x.email_key, x."values") @@ sought or (x.remote_id >= key_from and x.remote_id < key_to)
    order by x.email_key, x.id limit most) w;
  if cardinality(found) = most then
    return query select unnest(found);
  else
    return query select x.id from (
        select s.id, s.email_key from subscriber s
        where s.account_id = own and (subscriber_words(s.account_id, s.email_key, s."values") @@ sought
          or (s.account_id = own and s.remote_id >= key_from and s.remote_id < key_to)) offset 0) x
      where after_key is null or (x.email_key, x.id) > (after_key, after_id)
      order by x.email_key, x.id limit most;
  end if;
end $$;
