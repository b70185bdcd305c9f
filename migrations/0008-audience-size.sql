-- How many people could be written to on each day, by the account's calendar: the line of growth on Home.
create table audience_size (
  account_id uuid not null references account,
  local_date date not null,
  sendable int not null check (sendable >= 0),
  measured_at timestamptz not null,
  primary key (account_id, local_date)
);
call seal_by_account('audience_size');
