-- Which two turns of a conversation followed each other, and how similar are their questions?
-- Now: Which two turns of a conversation followed each other, and how similar are their questions, as known now?
select *
from turn_pairs_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
