-- Do two people who read the same output say the same, as known now?
select *
from reviewer_agreement_at(as_of = now64(3, 'UTC'))
