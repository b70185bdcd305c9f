-- That recipients have an instance is proved by the first of them: places run from 1 on without gaps, which `lockstep verify`
-- checks. A table of all new rows, for the statement to look at, was a tenth of the writing. (docs/decisions/0034)
drop trigger recipient_inserted on recipient;
create function first_has_an_instance() returns trigger language plpgsql as $$
begin
  if not exists (select from mailing_instance where account_id = new.account_id and id = new.instance_id) then
    raise exception 'instance %, which is not in account %', new.instance_id, new.account_id
      using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger recipient_inserted after insert on recipient
  for each row when (new.place = 1) execute function first_has_an_instance();
