-- A state from before an erasure brings the person back. Nothing leaves a restored one before somebody said whom the
-- state that it replaces had erased, or that there is nobody. (product 2.6, 6.3)
alter table operation.installation
  -- Who was erased since then is not known here; null: it is, or there is nothing to know.
  add column erasures_unknown_since timestamptz,
  add constraint erasures_unknown_is_paused check (erasures_unknown_since is null or paused_at is not null);

-- A backup from before this migration comes through here on its way up, paused by the restore a moment ago.
update operation.installation set erasures_unknown_since = (substring(paused_reason from '\d{4}-\d\d-\d\d \d\d:\d\d')::timestamp at time zone 'UTC')
where paused_reason like 'This database was restored from a backup of %';
