-- How many writebacks there are in each state, in all and by day, without a look at a million of them. Each statement
-- adds lines of what it changed and rewrites none: a number that rises would be a row that senders, syncs and people's
-- clicks wait for each other at. Who sent makes one of each slot's lines afterwards. (product 5.3)
create table writeback_count (
  account_id uuid not null,
  -- The quarter of an hour of the decision: a day of any time zone is made of them. What is older than the picture
  -- shows comes together at the beginning of time.
  slot timestamptz not null,
  state text not null,
  change int not null
);
create index writeback_count_by_slot on writeback_count (account_id, slot, state) include (change);
call seal_by_account('writeback_count');

create function writeback_slot(decided_at timestamptz) returns timestamptz
  language sql immutable parallel safe
  return date_bin('15 minutes', decided_at, '2000-01-01 00:00Z');

create function count_writebacks() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into writeback_count (account_id, slot, state, change)
      select account_id, writeback_slot(decided_at), state, count(*) from new_rows group by 1, 2, 3;
  else
    insert into writeback_count (account_id, slot, state, change)
      select account_id, writeback_slot(decided_at), state, sum(change) from (
        select account_id, decided_at, state, 1 as change from new_rows
        union all select account_id, decided_at, state, -1 from old_rows) x
      group by 1, 2, 3 having sum(change) <> 0;
  end if;
  return null;
end $$;
create trigger writeback_counted_new after insert on writeback
  referencing new table as new_rows for each statement execute function count_writebacks();
create trigger writeback_counted after update on writeback
  referencing old table as old_rows new table as new_rows for each statement execute function count_writebacks();

insert into writeback_count (account_id, slot, state, change)
  select account_id, case when decided_at < now() - interval '40 days' then '-infinity' else writeback_slot(decided_at) end, state, count(*)
  from writeback group by 1, 2, 3;

-- What waits or has failed of people whose flag is known as the AMS's own leaves it as it is from now on. (docs/decisions/0028)
update writeback w set lifts_nothing = true
where state in ('ready', 'failed', 'superseded') and not is_unsure and flag_set_at is null and exists (
  select from subscriber s where s.account_id = w.account_id and s.remote_id = w.remote_id and s.do_not_email and not s.flag_is_ours);
