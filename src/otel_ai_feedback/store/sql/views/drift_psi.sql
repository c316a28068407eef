-- Have questions, answers or classes another distribution than before, and by more than noise, as known now?
select *
from drift_psi_at(as_of = now64(3, 'UTC'))
