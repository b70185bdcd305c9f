-- Which fields a read asks for, from its first start on: one that goes on after an interruption asks for the same, and
-- what is no longer kept when it is applied is left out. (product 2.5)
alter table sync add column fields text[];
