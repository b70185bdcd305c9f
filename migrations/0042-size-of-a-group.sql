-- A list of groups draws each one's size over thirty days: the last good sync before a moment is found at once. (product 1.6)
create index sync_size_of_group on sync (account_id, group_id, finished_at) include (distinct_valid)
  where state = 'succeeded' and not is_dry_run and group_id is not null;
