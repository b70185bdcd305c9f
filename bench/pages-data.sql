-- An account as large as the pages must bear: 1,000,000 people, all of them in one group, 2,000 groups, a year of syncs.
-- :people is the number of people. Run as the database's owner, on an account and a bridge that exist.
create temporary table bench as
  select b.account_id, b.id as bridge_id, gen_random_uuid() as folder_id, gen_random_uuid() as big_id,
    array['Ana','Ben','Chloé','Dmitri','Eva','Farid','Grace','Hiroshi','Inês','Jörg','Kwame','Léa','María','Nguyễn','Olu','Priya','Quinn','Renée','Søren','Thandiwe','Uma','Vasile','Wen','Ximena','Yusuf','Zoë','Anne-Marie','Victoria','Samuel','Margaret'] as first,
    array['Lopes','O''Neil','Müller','Ivanova','Smith','García','Nakamura','Okafor','van der Berg','D''Angelo','Ångström','Kowalski','Singh','Haddad','Łukasz','Papadopoulos','Johnson','Lee','Brown','Peters','MacGregor','Fernández','Moreau','Rossi'] as last
  from bridge b limit 1;
insert into folder (account_id, id, bridge_id, name, created_at) select account_id, folder_id, bridge_id, 'netFORUM Pro', now() from bench;
insert into target_group (account_id, id, folder_id, kind, bridge_id, query_key, name, created_at)
  select account_id, case when n = 0 then big_id else gen_random_uuid() end, folder_id, 'bridge', bridge_id, 'bench-' || n,
    case when n = 0 then 'Everybody' else 'Committee ' || n || ' of chapter ' || n % 97 end, now() - n * interval '1 hour'
  from bench, generate_series(0, 1999) n;
-- Syncs: 30 of each group, 2,000 of the large one.
insert into sync (account_id, id, bridge_id, group_id, kind, state, trigger, requested_by, priority, requested_at, started_at, finished_at, rows_read, distinct_valid, sendable)
  select g.account_id, gen_random_uuid(), g.bridge_id, g.id, 'subscriber', 'succeeded', case when n % 20 = 0 then 'resync' else 'nightly' end, 'schedule', 30,
    now() - n * interval '8 hours', now() - n * interval '8 hours', now() - n * interval '8 hours' + interval '1 minute', 500, 500 + n, 480 + n
  from bench, target_group g, generate_series(1, 2000) n where g.account_id = bench.account_id and (g.id = big_id or n <= 30);
insert into subscriber (account_id, remote_id, email, email_key, "values", do_not_email, created_at, updated_at)
  select account_id, gen_random_uuid(), e, lower(e),
    jsonb_build_object('ind_first_name', f, 'ind_last_name', l, 'cst_org_name_dn', 'Northwind Labs', 'adr_city', 'Lisbon', 'adr_country', 'PT', 'mbt_code', 'REG'),
    n % 33 = 0, now(), now()
  from (select account_id, n, first[1 + n % array_length(first, 1)] as f, last[1 + (n / 7) % array_length(last, 1)] as l,
      'p' || n || '.' || (array['lopes','oneil','muller','smith'])[1 + n % 4] || '@' || (array['example.org','example.net','members.example','mail.example'])[1 + n % 4] as e
    from bench, generate_series(1, :people) n) x;
insert into membership (account_id, group_id, subscriber_id, added_by)
  select s.account_id, big_id, s.id, y.id from bench, subscriber s,
    lateral (select id from sync where group_id = big_id order by requested_at limit 1) y where s.account_id = bench.account_id;
insert into membership (account_id, group_id, subscriber_id, added_by)
  select g.account_id, g.id, 1 + (row_number() over () * 7919 + n) % :people, y.id
  from bench, target_group g, generate_series(1, 100) n,
    lateral (select id from sync where group_id = g.id order by requested_at limit 1) y
  where g.account_id = bench.account_id and g.id <> big_id
  on conflict do nothing;
insert into rejected_row (account_id, group_id, fingerprint, remote_id, email, reason, added_by)
  select account_id, big_id, gen_random_uuid(), gen_random_uuid(), 'not an address ' || n,
    (array['without_address','malformed_address','duplicate_address','key_missing'])[1 + n % 4],
    (select id from sync where group_id = big_id order by requested_at limit 1)
  from bench, generate_series(1, :people / 50) n;
-- As many writebacks, in two years: some wait, some have failed.
insert into writeback (account_id, bridge_id, remote_id, subscriber_id, email, type, decided_at, state, due_at, ended_at, error_message)
  select s.account_id, bridge_id, s.remote_id, s.id, s.email, (array['unsubscribe','unsubscribe','unsubscribe','bad_email','resubscribe'])[1 + s.id % 5], x.at, x.state,
    now() + interval '10 minutes', case when x.state <> 'ready' then x.at end, case when x.state = 'failed' then 'The record is locked by another user.' end
  from bench, subscriber s, lateral (select now() - interval '2 years' * (s.id / (:people)::float) as at,
    case when s.id % 10000 = 1 then 'ready' when s.id % 5000 = 2 then 'failed' when s.id % 50 = 3 then 'withdrawn' else 'sent' end as state) x
  where s.account_id = bench.account_id and s.id <= :people;
update target_group g set count_state = 'counted', counted_at = now() - interval '1 hour' * (random() * 400),
    unusable = r.unusable, without_address = r.without_address, malformed_address = r.malformed, duplicate = r.duplicate,
    do_not_email = m.no, sendable = m.yes, total_records = r.unusable + r.without_address + r.malformed + r.duplicate + m.no + m.yes
  from (select m.group_id, count(*) filter (where s.standing = 'do_not_email') as no, count(*) filter (where s.standing = 'sendable') as yes
      from membership m join subscriber s on s.account_id = m.account_id and s.id = m.subscriber_id where m.removed_by is null group by m.group_id) m
    left join lateral (select count(*) filter (where reason = 'key_missing') as unusable, count(*) filter (where reason = 'without_address') as without_address,
      count(*) filter (where reason = 'malformed_address') as malformed, count(*) filter (where reason = 'duplicate_address') as duplicate
      from rejected_row where group_id = m.group_id) r on true
  where g.id = m.group_id;
analyze;
