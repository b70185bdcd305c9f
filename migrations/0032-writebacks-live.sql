-- Pages that show writebacks hear of what changes in them.
create or replace trigger writeback_made after insert on writeback
  referencing new table as new_rows for each statement execute function tell_change('writebacks');
create or replace trigger writeback_changed after update on writeback
  referencing new table as new_rows for each statement execute function tell_change('writebacks');
