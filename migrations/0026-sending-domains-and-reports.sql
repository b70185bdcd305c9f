-- A second key waits in DNS until it takes the first one's place: mails on their way stay provable. (product 4.5)
alter table sending_domain
  add column next_selector text check (next_selector ~ '^[a-z0-9-]{1,63}$'),
  add column next_private_key_sealed bytea,
  add column next_public_key text,
  add check (num_nulls(next_selector, next_private_key_sealed, next_public_key) in (0, 3));
