-- Is less being read than was promised, or too little for a number, as known now?
select *
from review_debt_at(as_of = now64(3, 'UTC'))
