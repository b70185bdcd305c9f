-- Who was never taken is known by place: all up to here were taken once, or left out. A freeze of a million writes one index
-- less, since only who comes back (put back, deferred, freed from a dead process) stands in it. Apart from the instance,
-- whose every change is told to open pages. No line: nobody was taken. (docs/decisions/0034)
create table delivery_mark (
  account_id uuid not null,
  instance_id uuid not null,
  taken_to int not null check (taken_to >= 0),
  primary key (account_id, instance_id),
  foreign key (account_id, instance_id) references mailing_instance on delete cascade
) with (fillfactor = 50);
call seal_by_account('delivery_mark');

insert into delivery_mark (account_id, instance_id, taken_to)
  select i.account_id, i.id, coalesce(
    (select min(place) - 1 from recipient r where r.account_id = i.account_id and r.instance_id = i.id
      and r.state = 'waiting' and r.claimed_at is null),
    (select max(place) from recipient r where r.account_id = i.account_id and r.instance_id = i.id))
  from mailing_instance i where i.state not in ('sent', 'cancelled')
    and exists (select from recipient r where r.account_id = i.account_id and r.instance_id = i.id);

drop index recipient_to_send;
create index recipient_to_send on recipient (account_id, instance_id, due_at nulls first, place)
  where state in ('waiting', 'deferred') and claimed_at is not null;
