-- Do signals still mean what they meant four weeks before, as known now?
select *
from signal_meaning_at(as_of = now64(3, 'UTC'))
