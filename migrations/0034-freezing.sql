-- A frozen audience is written once, in the order of its addresses, and each index on it belongs to the instance alone:
-- what it writes lies side by side. The index by person did not: a million places all over it, for as long as the rest
-- of the freeze takes. People are found by recipient_once, one look an instance. (docs/decisions/0034)
drop index recipient_of_subscriber;
