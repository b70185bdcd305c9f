-- What goes within minutes of its time, values of mailings and files that nobody imported, until a night's report has
-- taken it up. (product 2.5)
create table removed_between_nights (
  account_id uuid not null references account,
  kind text not null,
  rows bigint not null,
  primary key (account_id, kind)
);
call seal_by_account('removed_between_nights');
