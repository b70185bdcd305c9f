-- What people wish, and what their mail systems say: what came back from mailings. (product 2.4, 4.5)

-- Each change of whether a person may be written to, made here. Rows are only added; the latest stands on the person.
create table wish_change (
  account_id uuid not null,
  id bigint generated always as identity,
  subscriber_id bigint not null,
  at timestamptz not null,
  kind text not null check (kind in ('unsubscribed', 'resubscribed', 'bad_email')),
  -- Of a bad e-mail: null, since it is found out by the program.
  origin text check (origin in ('person', 'administrator', 'complaint')),
  reason text,
  by text not null,
  primary key (account_id, id),
  foreign key (account_id, subscriber_id) references subscriber on delete cascade,
  check ((kind = 'bad_email') = (origin is null))
);
create index wish_change_of_subscriber on wish_change (account_id, subscriber_id, at desc);
call seal_by_account('wish_change');

-- Few addresses bounce: whose row of soft bounces ends with a delivery is looked for among them alone.
create index subscriber_soft_bounced on subscriber (account_id, email_key) where soft_bounces > 0;
