-- Who takes an unsubscribe back leaves a line of its own: what happened stays, and who counts sees that something changed.
-- Every row there keeps the new rule already: nothing is read through for it. (product 4.5, 4.6)
alter table mailing_activity drop constraint mailing_activity_kind_check;
alter table mailing_activity add constraint mailing_activity_kind_check
  check (kind in ('open', 'click', 'unsubscribe', 'resubscribe', 'complaint', 'bounce')) not valid;
