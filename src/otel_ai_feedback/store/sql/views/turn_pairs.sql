-- Which two turns of a conversation followed each other, and how alike were they, as known now?
select *
from turn_pairs_at(as_of = now64(3, 'UTC'))
