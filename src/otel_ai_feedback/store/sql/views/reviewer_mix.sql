-- Did quality change together with who reads, as known now?
select *
from reviewer_mix_at(as_of = now64(3, 'UTC'))
