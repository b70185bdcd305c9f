-- Two people may edit one field: the second is told, not overwritten.
alter table personalization_field add column version int not null default 1;
