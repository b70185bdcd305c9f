-- Pages that show writebacks hear of new ones, and of those that don't simply go out. What is under way and what was
-- sent is told to nobody: that is every commit of the sender's, and one that tells waits for all others that do. The
-- page asks every few seconds while something goes out.
create function tell_writebacks() returns trigger language plpgsql as $$
begin
  perform pg_notify('lockstep_change', x.account_id || ' writebacks')
    from (select distinct account_id from new_rows where state not in ('processing', 'sent')) x;
  return null;
end $$;
create trigger writeback_made after insert on writeback
  referencing new table as new_rows for each statement execute function tell_writebacks();
create trigger writeback_changed after update on writeback
  referencing new table as new_rows for each statement execute function tell_writebacks();
