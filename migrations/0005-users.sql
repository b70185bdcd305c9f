-- People who sign in. Only the system's side of the house reads what is secret here (sign-in has no account yet); an
-- account's own side lists and changes its users.
alter table account
  add column locale text not null default 'en',
  add column requires_second_factor boolean not null default false,
  add column sender_name text not null default '',
  add column sender_address text not null default '',
  -- Suspended by the operator: nobody of it signs in, no key works, no night comes.
  add column suspended_at timestamptz,
  -- Rises with every change by a person: a second editor is told, not overwritten.
  add column version int not null default 1;

alter table api_key
  add column role text not null default 'administrator'
    check (role in ('administrator', 'publisher', 'author', 'viewer'));

create index audit_entry_latest on audit_entry (account_id, at desc, id desc);

-- "user" is a word of SQL's own, and unquoted it would silently mean the database's.
create table app_user (
  id uuid primary key,
  -- Null for staff, who belong to the operator and may enter any account.
  account_id uuid references account,
  role text check (role in ('administrator', 'publisher', 'author', 'viewer')),
  email text not null,
  -- The address in lower case: what sign-in looks for.
  email_key text not null,
  name text not null check (length(name) between 1 and 200),
  -- argon2id. Null until an invitation is answered.
  password_hash text,
  -- AES-256-GCM with the user in the associated data; the second is not confirmed yet.
  totp_sealed bytea,
  totp_pending_sealed bytea,
  -- The latest time step that a code was taken for: none is taken twice.
  totp_step bigint not null default 0,
  created_at timestamptz not null,
  signed_in_at timestamptz,
  disabled_at timestamptz,
  check ((account_id is null) = (role is null))
);
-- An address may be invited anywhere, which tells nobody that it is known; it signs in to one place.
create unique index app_user_by_email on app_user (email_key) where password_hash is not null;
create unique index app_user_in_account on app_user (account_id, email_key);
call seal_by_account('app_user');

create table recovery_code (
  account_id uuid references account,
  user_id uuid not null references app_user on delete cascade,
  -- SHA-256: the codes have 80 random bits.
  code_hash bytea not null,
  primary key (user_id, code_hash)
);
call seal_by_account('recovery_code');

create table user_session (
  id uuid primary key,
  account_id uuid references account,
  user_id uuid not null references app_user on delete cascade,
  -- SHA-256 of the cookie's token, which is new after every change of rights: a copy of this table signs nobody in.
  token_hash bytea not null unique,
  state text not null check (state in ('second_factor', 'signed_in')),
  -- The account that staff are in.
  entered_account_id uuid references account,
  created_at timestamptz not null,
  used_at timestamptz not null,
  check (account_id is null or entered_account_id is null)
);
create index user_session_of_user on user_session (user_id);
call seal_by_account('user_session');

-- Links by mail: single use.
create table password_link (
  account_id uuid references account,
  user_id uuid not null references app_user on delete cascade,
  token_hash bytea primary key,
  purpose text not null check (purpose in ('reset', 'invitation')),
  expires_at timestamptz not null
);
create index password_link_of_user on password_link (user_id);
call seal_by_account('password_link');

-- What slows guessing down. Outside the accounts: whoever knocks has none yet, and may be nobody at all.
create schema throttle;
grant usage on schema throttle to lockstep_system;
create table throttle.failure (
  -- SHA-256 of what is guessed at: a sign-in's address, a user's second factor.
  subject_hash bytea primary key,
  failures int not null,
  last_at timestamptz not null
);
-- The form that rate-limiter-flexible keeps its points in.
create unlogged table throttle.rate (
  key varchar(255) primary key,
  points int not null default 0,
  expire bigint
);
grant select, insert, update, delete on throttle.failure, throttle.rate to lockstep_system;
