-- A sync that kills its process is not taken up for ever: how often in a row it was interrupted without staging a row.
alter table sync
  add column rows_at_start int not null default 0,
  add column stalled int not null default 0 check (stalled >= 0);
-- Switched on, or moved to another hour, the Nightly Sync begins with the next due time, not with one that has passed.
alter table bridge add column nightly_since timestamptz;
