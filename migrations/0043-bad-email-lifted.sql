-- A bad e-mail whose bounce turns out to belong to a flood is taken back by the program: a line of its own in the
-- person's history. Every row there keeps the new rules already: nothing is read through for them. (product 4.5)
alter table wish_change drop constraint wish_change_kind_check, drop constraint wish_change_check;
alter table wish_change
  add constraint wish_change_kind_check
    check (kind in ('unsubscribed', 'resubscribed', 'bad_email', 'bad_email_lifted')) not valid,
  -- Of a bad e-mail: null, since it is found out by the program.
  add constraint wish_change_check
    check ((kind in ('bad_email', 'bad_email_lifted')) = (origin is null)) not valid;
