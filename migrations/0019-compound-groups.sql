-- How the two lists of a compound group are read: "in all of" or "in one or more of". (product 3.1)
alter table target_group
  add column includes_all boolean not null default false,
  add column excludes_all boolean not null default false;

-- No cycles, whoever writes and however many at once: an account's compounds are changed one after the other.
create function refuse_compound_cycle() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7000019, hashtext(new.account_id::text));
  if exists (
    with recursive below (id) as (
      select new.part_id
      union
      select p.part_id from compound_part p join below b on p.compound_id = b.id where p.account_id = new.account_id
    )
    select from below where id = new.compound_id
  ) then
    raise exception 'a compound group would contain itself' using errcode = 'check_violation', constraint = 'compound_part_no_cycle';
  end if;
  return new;
end $$;
create trigger compound_part_no_cycle before insert or update on compound_part
  for each row execute function refuse_compound_cycle();
