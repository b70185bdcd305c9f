-- A static group is the result of its uploads. An upload's import is a sync without a bridge. (product 3.3)
alter table sync alter column bridge_id drop not null;
alter table sync drop constraint sync_kind_check, drop constraint sync_trigger_check;
alter table sync
  add constraint sync_kind_check check (kind in ('list', 'subscriber', 'upload')),
  add constraint sync_trigger_check check (trigger in
    ('login', 'folder_refresh', 'bridge_refresh', 'resync', 'publish', 'nightly', 'campaign', 'api', 'cli', 'upload')),
  add constraint sync_bridge_check check ((kind = 'upload') = (bridge_id is null));
do $$
declare name text;
begin
  -- "A subscriber sync has a group, and no other has one", which an upload has too.
  select conname into strict name from pg_constraint
    where conrelid = 'sync'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%(kind = ''subscriber''::text) = (group_id IS NOT NULL)%';
  execute format('alter table sync drop constraint %I', name);
end $$;
alter table sync add constraint sync_group_check check ((kind = 'list') = (group_id is null));

-- A file as it came, in pieces, until it is imported or a day has passed.
create table upload (
  account_id uuid not null references account,
  id uuid not null,
  file_name text not null check (length(file_name) between 1 and 200),
  created_at timestamptz not null,
  created_by text not null,
  bytes bigint not null default 0,
  is_complete boolean not null default false,
  -- How it is read, once somebody has said so: encoding, delimiter, columns, replace or add.
  reading jsonb,
  sync_id uuid,
  primary key (account_id, id),
  foreign key (account_id, sync_id) references sync
);
create index upload_of_sync on upload (account_id, sync_id) where sync_id is not null;
create index upload_by_age on upload (created_at);
call seal_by_account('upload');

create table upload_piece (
  account_id uuid not null,
  upload_id uuid not null,
  place int not null,
  content bytea not null,
  primary key (account_id, upload_id, place),
  foreign key (account_id, upload_id) references upload on delete cascade
);
-- Compressing what is read once costs more than it saves.
alter table upload_piece alter column content set storage external;
call seal_by_account('upload_piece');
