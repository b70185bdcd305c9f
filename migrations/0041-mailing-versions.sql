-- What stood in a mailing before: one version for each author and sitting. (product 4.1)
create table mailing_version (
  account_id uuid not null,
  mailing_id uuid not null,
  -- From 1 on; the highest is what stands in the mailing now.
  number int not null,
  began_at timestamptz not null,
  -- Its last save: until the sitting is over, each save takes the place of the one before.
  saved_at timestamptz not null,
  saved_by text not null,
  -- With the name: two users may have the same. Null for a program's.
  saved_by_user uuid references app_user on delete set null,
  kept_as text not null check (kept_as in ('edited', 'published', 'restored')),
  -- The version that it was brought back from, which may be gone by now.
  restored_from int,
  from_name text not null,
  from_address text not null,
  reply_to text not null,
  subject text not null,
  preheader text not null,
  body_kind text not null check (body_kind in ('blocks', 'mjml', 'html')),
  body text not null,
  text_part text,
  -- So that a list can say what changed without reading what was written.
  body_hash bigint generated always as (hashtextextended(body, 0)) stored,
  text_hash bigint generated always as (hashtextextended(text_part, 0)) stored,
  primary key (account_id, mailing_id, number),
  foreign key (account_id, mailing_id) references mailing on delete cascade,
  check ((kept_as = 'restored') = (restored_from is not null))
);
-- A night asks an account for those that began long ago.
create index mailing_version_began on mailing_version (account_id, began_at);
create index mailing_version_by_user on mailing_version (saved_by_user) where saved_by_user is not null;
call seal_by_account('mailing_version');
