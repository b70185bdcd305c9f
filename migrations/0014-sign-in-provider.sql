-- An account may let its users sign in by its own OpenID Connect provider.
create table sign_in_provider (
  account_id uuid primary key references account,
  -- As the provider's own documents name it.
  issuer text not null,
  client_id text not null,
  client_secret_sealed bytea not null,
  -- Switched on, the account's users can't sign in by a password of ours.
  is_only_way boolean not null default false,
  -- The provider asks for a second factor itself; ours is not asked for as well.
  does_second_factor boolean not null default false,
  updated_at timestamptz not null,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  version int not null default 1
);
call seal_by_account('sign_in_provider');

-- Who a user is there, from their first sign-in on: an address that changes hands there opens nothing here.
create table user_identity (
  account_id uuid not null references account,
  user_id uuid not null references app_user on delete cascade,
  issuer text not null,
  subject text not null,
  primary key (account_id, issuer, subject),
  unique (user_id, issuer)
);
call seal_by_account('user_identity');

alter table user_session add column is_second_factor_done boolean not null default false;
