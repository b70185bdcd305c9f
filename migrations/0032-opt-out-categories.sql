-- Kinds of mailings that people can opt out of in the AMS, which mailing is of which kind, and where people change
-- that there. The AMS tells no one who opted out: a mailing's category is a note on it. (product 4.1)
create table opt_out_category (
  account_id uuid not null,
  id uuid not null,
  bridge_id uuid not null,
  -- What it is in the AMS.
  key text collate "C" not null check (length(key) between 1 and 100),
  name text not null check (length(name) between 1 and 200),
  -- Marked, never deleted: mailings refer to it.
  missing_since timestamptz,
  created_at timestamptz not null,
  primary key (account_id, id),
  foreign key (account_id, bridge_id) references bridge
);
create unique index opt_out_category_by_key on opt_out_category (account_id, bridge_id, key);
call seal_by_account('opt_out_category');

alter table mailing
  add column opt_out_category_id uuid,
  add foreign key (account_id, opt_out_category_id) references opt_out_category;

-- Its name as it was when the mailing was published.
alter table mailing_instance add column opt_out_category text;

-- The AMS's page where a person chooses what to get; `{customer_key}` stands for the person's key. Empty: there is none.
alter table bridge add column preference_link text not null default '' check (length(preference_link) <= 2000);
